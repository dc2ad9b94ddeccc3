# RUN: dlc explain --stage plan %s
# Every buffer with its place: x has 4 * 3 * 4 bytes.
fn main(x: f[4, 3], w: f[3, 2]) -> loss, dw {
  h[b, u] = max(sum[k](x[b, k] * w[k, u]), 0)
  loss = sum[b, u](h[b, u]^2)
  dw = grad(loss, w)
}
# HAS: buffer
# HAS: [4, 3]
# HAS: input
# COUNT: 48 1
