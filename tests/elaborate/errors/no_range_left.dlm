fn main(x: f[8]) -> y {
  y[k] = sum[j | j <= k](x[j])
}
