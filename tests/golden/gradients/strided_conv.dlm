# RUN: dlc explain --stage simplified %s
# The gradient of a strided convolution by its input: one convolution for each phase of the position, no test of divisibility.
fn main(x: f[2, 3, 11], w: f[4, 3, 3]) -> dx, dw {
  y[n, o, i < 5] = sum[c, k](x[n, c, 2 * i + k - 1 else 0] * w[o, c, k])
  loss = sum[n, o, i](y[n, o, i]^2)
  dx = grad(loss, x)
  dw = grad(loss, w)
}
# COUNT: scatter 0
# COUNT: where 0
# COUNT: conv 1d 2
# COUNT: conv weight gradient 1
