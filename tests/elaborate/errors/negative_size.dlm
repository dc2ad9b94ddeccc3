# A bound below 0 leaves nothing to add up, but is no size of what is defined.
fn windows(x: f[N], width: int) -> y {
  y[i < N - width + 1] = sum[k < width](x[i + k])
}
fn main(x: f[4]) -> y {
  a[i] = x[i] + sum[k < -2](x[i])
  y = a + windows(x, 6)
}
# EXPECT
# error[E0217]: a size is negative: -1
#  --> t.dlm:3:9
#   |
# 3 |   y[i < N - width + 1] = sum[k < width](x[i + k])
#   |         ^^^^^^^^^^^^^
