# RUN: dlc explain --stage simplified %s
# Reads at `//` and `%` of sums of indices: quotient and remainder are digits, solved like any index.
fn main(x: f[4, 3], w: f[6]) -> dx {
  y[i < 5] = sum[j](x[(i + j - 3) // 3, (i + j - 3) % 3 else 0] * w[j])
  dx = grad(sum[i](y[i]^2), x)
}
# COUNT: scatter 0
# COUNT: where 0
