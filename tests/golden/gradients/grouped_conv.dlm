# RUN: dlc explain --stage simplified %s
# Groups stay groups: a channel is a group and a member on both sides.
fn main(x: f[2, 6, 9], w: f[4, 3, 3]) -> dx, dw {
  y[n, o, i < 7] = sum[c, k](x[n, (o // 2) * 3 + c, i + k] * w[o, c, k])
  loss = sum[n, o, i](y[n, o, i]^2)
  dx = grad(loss, x)
  dw = grad(loss, w)
}
# COUNT: scatter 0
# COUNT: where 0
