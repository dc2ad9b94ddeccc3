# RUN: dlc explain --stage simplified %s
# A triangular sum: the condition bounds the sum of the gradient too.
fn main(x: f[6], w: f[6, 6]) -> dx, dw {
  y[i] = sum[j](if j <= i then x[j] * w[i, j] else 0)
  loss = sum[i](y[i]^2)
  dx = grad(loss, x)
  dw = grad(loss, w)
}
# COUNT: scatter 0
# COUNT: sum[6] 2
