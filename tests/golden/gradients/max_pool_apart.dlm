# RUN: dlc explain --stage simplified %s
# Windows that do not overlap: one question, no sum.
fn main(x: f[2, 8]) -> y, dx {
  y[c, i < 4] = max[k < 2](x[c, 2 * i + k])
  dx = grad(sum[c, i](y[c, i]^2), x)
}
# COUNT: scatter 0
# COUNT: sum 0
# COUNT: argmax[2] 1
