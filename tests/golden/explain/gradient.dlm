# RUN: dlc explain --stage gradient %s
# Gradients in defining form: an adjoint is a scatter along the read, and is called after what it is the adjoint of.
fn main(x: f[4, 3], w: f[3, 2]) -> loss, dw {
  h[b, u] = max(sum[k](x[b, k] * w[k, u]), 0)
  loss = sum[b, u](h[b, u]^2)
  dw = grad(loss, w)
}
# HAS: # d_loss
# HAS: # d_h
# HAS: # d_w
# COUNT: scatter 3
# COUNT: d_w 1
