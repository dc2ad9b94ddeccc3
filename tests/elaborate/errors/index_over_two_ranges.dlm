fn main(h: f[8, 784], weight: f[64, 128]) -> y {
  y[b, u] = sum[k](h[b, k] * weight[u, k])
}
