# RUN: dlc explain --stage kernels %s
# What is computed together, what it reads and writes, and the lines it came from.
fn main(x: f[4, 3], w: f[3, 2]) -> h, total {
  h[b, u] = max(sum[k](x[b, k] * w[k, u]), 0)
  total[u] = sum[b](h[b, u])
}
# HAS: kernel calls
# HAS: x[4, 3], w[3, 2]
# COUNT: kernels.dlm:4 1
# COUNT: kernels.dlm:5 1
