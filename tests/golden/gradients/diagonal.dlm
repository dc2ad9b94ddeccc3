# RUN: dlc explain --stage simplified %s
# The gradient by a diagonal is a diagonal: a condition on the position, no sum.
fn main(x: f[5, 5], w: f[5]) -> dx {
  y[i] = x[i, i] * w[i]
  dx = grad(sum[i](y[i]), x)
}
# COUNT: scatter 0
# COUNT: sum 0
