# RUN: dlc explain --stage simplified %s
# With a dilation the gradient by the input is a convolution as dilated, by the weight one as strided.
fn main(x: f[2, 3, 12], w: f[4, 3, 3]) -> dx, dw {
  y[n, o, i < 10] = sum[c, k](x[n, c, i + 2 * k - 1 else 0] * w[o, c, k])
  loss = sum[n, o, i](y[n, o, i]^2)
  dx = grad(loss, x)
  dw = grad(loss, w)
}
# COUNT: scatter 0
# COUNT: where 0
# COUNT: if 0
# COUNT: conv 1d 2
# COUNT: conv weight gradient 1
