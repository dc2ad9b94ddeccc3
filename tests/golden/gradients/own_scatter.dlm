# RUN: dlc explain --stage simplified %s
# A scatter written by hand is a gather forwards and backwards.
fn main(x: f[4, 3]) -> y, dx {
  y[i < 9] = 0 * i
  y[2 * i + k | i < 4, k < 3] += x[i, k]^2
  dx = grad(sum[i](y[i]^2), x)
}
# COUNT: scatter 0
