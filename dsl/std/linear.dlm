# Products.
import "reduce"

## y = x Wᵀ + b over the last axis.  [.., K], [U, K], [U] -> [.., U].
fn linear(x: f[.., K], w: f[U, K], b: f[U] = 0) -> y {
  y[.., u] = b[u] + sum[k](x[.., k] * w[u, k])
}
## Matrix product of the last two axes; leading axes broadcast.  [.., I, K], [.., K, J] -> [.., I, J].
fn matmul(a: f[.., I, K], b: f[.., K, J]) -> y {
  y[.., i, j] = sum[k](a[.., i, k] * b[.., k, j])
}
## Scalar product of two vectors.
fn dot(a: f[K], b: f[K]) -> y {
  y = sum[k](a[k] * b[k])
}
## a bᵀ.  [I], [J] -> [I, J].
fn outer(a: f[I], b: f[J]) -> y {
  y[i, j] = a[i] * b[j]
}
## The cosine of the angle between two vectors; 0 where one of them is 0.  [.., K], [.., K] -> [..].
fn cosine_similarity(a: f[.., K], b: f[.., K]) -> y {
  y[..] = sum[k](normalize(a)[.., k] * normalize(b)[.., k])
}
