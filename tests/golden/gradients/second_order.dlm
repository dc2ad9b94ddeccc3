# RUN: dlc explain --stage simplified %s
# A derivative of a derivative: of a strided convolution, by its input and along a direction, it is the strided convolution again.
fn main(x: f[11], w: f[3], u: f[11]) -> d {
  y[i < 5] = sum[k](x[2 * i + k - 1 else 0] * w[k])
  g = grad(sum[i](y[i]^2), x)
  d = grad(sum[j](g[j] * u[j]), x)
}
# COUNT: scatter 0
# COUNT: where 0
