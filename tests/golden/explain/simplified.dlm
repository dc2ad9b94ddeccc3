# RUN: dlc explain --stage simplified %s
# After all passes each equation names its class.
fn main(x: f[4, 3], w: f[3, 2]) -> h, total {
  h[b, u] = max(sum[k](x[b, k] * w[k, u]), 0)
  total[u] = sum[b](h[b, u])
}
# HAS: # h: gemm NN
# HAS: # h: pointwise
# COUNT: gemm NN 1
# COUNT: reduce columns 1
