# Attention (Vaswani et al. 2017).
import "linear"
import "reduce"

## softmax(q kᵀ scale + bias) v.  With `causal` position i looks at positions 0..i only.
fn attention(q: f[..B, Q, D], k: f[..B, T, D], v: f[..B, T, E], bias: f[Q, T] = 0, scale: float = 1 / sqrt(D),
             causal: bool = false) -> y {
  s[.., i, j] = scale * sum[d](q[.., i, d] * k[.., j, d]) + bias[i, j]
  if causal { s[.., i, j] = if j <= i then s[.., i, j] else -inf }
  p = softmax(s)
  y[.., i, e] = sum[j](p[.., i, j] * v[.., j, e])
}
## [N, T, heads * D] -> [N, heads, T, D].
fn split_heads(x: f[N, T, heads * D], heads: int) -> y {
  y[n, h < heads, t, d < D] = x[n, t, h * D + d]
}
## [N, H, T, D] -> [N, T, H * D].
fn join_heads(x: f[N, H, T, D]) -> y {
  y[n, t, h * D + d] = x[n, h, t, d]
}
## Self-attention with `heads` heads over [N, T, E].
fn multi_head_attention(x: f[N, T, E], wq: f[E, E], bq: f[E], wk: f[E, E], bk: f[E], wv: f[E, E], bv: f[E],
                        wo: f[E, E], bo: f[E], heads: int, causal: bool = false) {
  q = linear(x, wq, bq) |> split_heads(heads)
  k = linear(x, wk, bk) |> split_heads(heads)
  v = linear(x, wv, bv) |> split_heads(heads)
  return attention(q, k, v, causal = causal) |> join_heads |> linear(wo, bo)
}
