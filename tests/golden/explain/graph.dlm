# RUN: dlc explain --stage graph %s
# Equations as elaborated: named as in the program, the gradient in defining form.
fn main(x: f[4, 3], w: f[3, 2]) -> loss, dw {
  h[b, u] = max(sum[k](x[b, k] * w[k, u]), 0)
  loss = sum[b, u](h[b, u]^2)
  dw = grad(loss, w)
}
# HAS: # h
# HAS: # loss
# COUNT: scatter 3
# COUNT: max 1
