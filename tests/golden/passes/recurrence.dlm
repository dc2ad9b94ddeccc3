# RUN: dlc explain --stage simplified %s
# The input projection is one product for all steps, and so are the gradients of both weights; a step multiplies the state alone.
fn main(xs: f[8, 4, 16], w: f[16, 16], u: f[16, 16]) -> dw, du {
  hs = scan x in xs with h = zeros([4, 16]) {
    z[n, i] = tanh(sum[k](w[i, k] * x[n, k]) + sum[j](u[i, j] * h[n, j]))
    h = z
    yield h
  }
  loss = sum(hs * hs)
  dw = grad(loss, w)
  du = grad(loss, u)
}
# HAS: carry
# HAS: sum[16](%
# HAS: end
# HAS: = f32[8, 4, 16] sum[16](%
# HAS: scan @0
# HAS: scan @1
# HAS: backwards
# HAS: = f32[16, 16] sum[8, 4](%
# HAS: = f32[16, 16] sum[8, 4](%
# COUNT: scatter 0
# COUNT: scan 2
