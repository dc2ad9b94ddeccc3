# RUN: dlc explain --stage simplified %s
# Overlapping windows: each position asks the two windows over it whether their maximum came from there.
fn main(x: f[2, 9]) -> y, dx {
  y[c, i < 4] = max[k < 3](x[c, 2 * i + k])
  dx = grad(sum[c, i](y[c, i]^2), x)
}
# COUNT: scatter 0
# COUNT: argmax[3] 1
# COUNT: sum[2] 1
