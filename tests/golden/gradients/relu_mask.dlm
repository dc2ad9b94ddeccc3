# RUN: dlc explain --stage simplified %s
# The mask of a ReLU is the sign of its value, which is at hand: nothing is compared twice, and no mask is stored.
fn main(x: f[4, 8], w: f[6, 8], v: f[6]) -> dw {
  h[b, u] = max(sum[k](x[b, k] * w[u, k]), 0)
  y[b] = sum[u](h[b, u] * v[u])
  dw = grad(sum[b](y[b]^2), w)
}
# COUNT: scatter 0
# COUNT: max 1
# COUNT: gemm NT 1
# COUNT: gemm TN 1
# COUNT: if 1
