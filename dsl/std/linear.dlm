# Products.
import "reduce"

## y = x Wᵀ + b over the last axis.  [.., K], [U, K], [U] -> [.., U].
##
##     linear([[1.0, 2.0]], [[1.0, 1.0], [0.0, 3.0]], [0.0, 1.0]) == [[3.0, 7.0]]
fn linear(x: f[.., K], w: f[U, K], b: f[U] = 0) -> y {
  y[.., u] = b[u] + sum[k](x[.., k] * w[u, k])
}

## Matrix product of the last two axes; leading axes broadcast.  [.., I, K], [.., K, J] -> [.., I, J].
##
##     matmul([[1.0, 2.0]], [[3.0, 5.0], [4.0, 6.0]]) == [[11.0, 17.0]]
fn matmul(a: f[.., I, K], b: f[.., K, J]) -> y {
  y[.., i, j] = sum[k](a[.., i, k] * b[.., k, j])
}

## Scalar product of two vectors.  [K], [K] -> a number.
##
##     dot([1.0, 2.0], [3.0, 4.0]) == 11.0
fn dot(a: f[K], b: f[K]) -> y {
  y = sum[k](a[k] * b[k])
}

## a bᵀ.  [I], [J] -> [I, J].
##
##     outer([1.0, 2.0], [3.0, 4.0, 5.0]) == [[3.0, 4.0, 5.0], [6.0, 8.0, 10.0]]
fn outer(a: f[I], b: f[J]) -> y {
  y[i, j] = a[i] * b[j]
}

## The cosine of the angle between two vectors; 0 where one of them is 0.  [.., K], [.., K] -> [..].
##
##     cosine_similarity([[1.0, 0.0], [0.0, 3.0]], [1.0, 1.0]) ≈ [0.7071, 0.7071]
fn cosine_similarity(a: f[.., K], b: f[.., K]) -> y {
  y[..] = sum[k](normalize(a)[.., k] * normalize(b)[.., k])
}
