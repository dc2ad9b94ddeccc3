# RUN: dlc explain --stage simplified %s
# A factor that the reduction does not change leaves it, so the sum is of x alone; a variable that nothing reads is counted.
fn main(x: f[8], s: f[4]) -> y, n {
  y[i] = sum[j](x[j] * s[i])
  n[i] = sum[j < 5](s[i])
}
# HAS: f32[] sum[8](%0[i0])
# COUNT: sum[5] 0
