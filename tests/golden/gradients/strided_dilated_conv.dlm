# RUN: dlc explain --stage simplified %s
# Stride 3 and dilation 2 share no divisor: three phases, whose taps lie two apart.
fn main(x: f[2, 13], w: f[4, 2, 3]) -> dx {
  y[o, i < 4] = sum[c, k](x[c, 3 * i + 2 * k - 2 else 0] * w[o, c, k])
  dx = grad(sum[o, i](y[o, i]^2), x)
}
# COUNT: scatter 0
# COUNT: where 0
