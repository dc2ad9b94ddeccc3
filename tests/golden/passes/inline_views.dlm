# RUN: dlc explain --stage simplified %s
# A transpose, a slice and a reshape are indices of what reads them, even in the operand of a matrix product.
fn main(x: f[6, 6], w: f[3, 2, 5]) -> y {
  t[k < 6, u] = w[k // 2, k % 2, u]
  v[b < 4, k] = x[b + 1, k]
  y[b, u] = sum[k](v[b, k] * t[k, u])
}
# COUNT: view 0
# COUNT: copy 0
# COUNT: gather 0
# COUNT: pointwise 0
