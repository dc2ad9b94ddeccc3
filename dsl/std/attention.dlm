# Attention (Bahdanau et al. 2015; Vaswani et al. 2017), and ways to tell it the positions.
import "linear"
import "reduce"

## softmax of scores over the keys that a query may see: the first `lengths`, and with `causal` keys 0..i for query i.  0 where it sees
## none.  `lengths` broadcasts over the leading axes from the right.  [.., Q, T] -> the same.
##
##     attention_weights([[1.0, 1.0], [1.0, 1.0]], causal = true) == [[1.0, 0.0], [0.5, 0.5]]
##     attention_weights([[1.0, 1.0, 9.0]], lengths = 2) == [[0.5, 0.5, 0.0]]
fn attention_weights(s: f[.., Q, T], lengths: i32[..] = T, causal: bool = false) -> p {
  # An example without keys looks at key 0 until the end, because a softmax of nothing has no value and no derivative.
  s[.., i, j] = if j < max(lengths[..], 1) then s[.., i, j] else -inf
  if causal { s[.., i, j] = if j <= i then s[.., i, j] else -inf }
  p = softmax(s)
  p[.., i, j] = if lengths[..] > 0 then p[.., i, j] else 0
}

## softmax(scale q kᵀ + bias) v (Vaswani et al. 2017, equation 1); who sees what as in `attention_weights`.  `bias` broadcasts over the
## leading axes from the right: f[Q, T], f[H, Q, T] for each head, f[N, 1, Q, T] for each example.
##
##     attention([[1.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]], [[2.0], [4.0]]) == [[3.0]]
##     y = attention(zeros([8, 4, 20, 16]), zeros([8, 4, 30, 16]), zeros([8, 4, 30, 32]))
##     shape(y) == [8, 4, 20, 32]
fn attention(q: f[..B, Q, D], k: f[..B, T, D], v: f[..B, T, E], bias: f[.., Q, T] = 0, scale: float = 1 / sqrt(D),
             causal: bool = false, lengths: i32[..] = T) -> y {
  s[.., i, j] = scale * sum[d](q[.., i, d] * k[.., j, d]) + bias[.., i, j]
  p = attention_weights(s, lengths, causal)
  y[.., i, e] = sum[j](p[.., i, j] * v[.., j, e])
}

## Scores w · tanh(Wq q + Wk k) of every query and key (Bahdanau et al. 2015, section A.1.2).  [.., Q, D], [.., T, E] -> [.., Q, T].
##
##     s = additive_scores([[1.0]], [[1.0], [-1.0]], wq = [[1.0]], wk = [[1.0]], w = [2.0])
##     s ≈ [[1.928, 0.0]]
fn additive_scores(q: f[..B, Q, D], k: f[..B, T, E], wq: f[U, D], wk: f[U, E], w: f[U]) -> s {
  a = linear(q, wq)
  b = linear(k, wk)
  s[.., i, j] = sum[u](w[u] * tanh(a[.., i, u] + b[.., j, u]))
}

## [N, T, heads * D] -> [N, heads, T, D].
##
##     split_heads([[[1.0, 2.0, 3.0, 4.0]]], heads = 2) == [[[[1.0, 2.0]], [[3.0, 4.0]]]]
fn split_heads(x: f[N, T, heads * D], heads: int) -> y {
  y[n, h < heads, t, d < D] = x[n, t, h * D + d]
}

## [N, H, T, D] -> [N, T, H * D].
##
##     join_heads([[[[1.0, 2.0]], [[3.0, 4.0]]]]) == [[[1.0, 2.0, 3.0, 4.0]]]
fn join_heads(x: f[N, H, T, D]) -> y {
  y[n, t, h * D + d] = x[n, h, t, d]
}

## Attention of the positions of x [N, Q, E] to those of `memory` [N, T, M], for self-attention x once more, with `heads` heads (Vaswani et
## al. 2017, section 3.2.2).  `lengths` counts each example's keys; `bias` broadcasts to f[N, heads, Q, T]; `rotate` turns queries and keys
## by `rotary`.  -> [N, Q, U].
##
##     x = ones([2, 5, 8])
##     w = zeros([8, 8])
##     y = multi_head_attention(x, x, w, 0, w, 0, w, 0, w, 3 * ones([8]), heads = 2)
##     y == 3 * x
fn multi_head_attention(x: f[N, Q, E], memory: f[N, T, M], wq: f[A, E], bq: f[A], wk: f[A, M], bk: f[A],
                        wv: f[V, M], bv: f[V], wo: f[U, V], bo: f[U], heads: int, causal: bool = false,
                        lengths: i32[N] = T, bias: f[.., Q, T] = 0, rotate: bool = false) {
  q = linear(x, wq, bq) |> split_heads(heads)
  k = linear(memory, wk, bk) |> split_heads(heads)
  v = linear(memory, wv, bv) |> split_heads(heads)
  if rotate {
    q = rotary(q)
    k = rotary(k)
  }
  counts[n, 0] = lengths[n]
  return attention(q, k, v, bias, causal = causal, lengths = counts) |> join_heads |> linear(wo, bo)
}

## Sines and cosines of positions in pairs of one frequency (Vaswani et al. 2017, section 3.5): entry 2i of row t is
## sin(t / base^(2i / units)), entry 2i + 1 the cosine.  [positions, units].
##
##     sinusoidal_positions(2, units = 2) ≈ [[0.0, 1.0], [0.8415, 0.5403]]
fn sinusoidal_positions(positions: int, units: int, base: float = 10000) -> y {
  y[t < positions, u < units] = if u % 2 == 0 then sin(t / base^(u / units)) else cos(t / base^((u - 1) / units))
}

## Each pair (2i, 2i + 1) of row t turned by the angle t / base^(2i / D), so that products of rows depend on the distance of their positions
## alone (Su et al. 2021, equation 34).  [.., T, D], D even -> the same.
##
##     rotary([[1.0, 0.0], [1.0, 0.0]]) ≈ [[1.0, 0.0], [0.5403, 0.8415]]
fn rotary(x: f[.., T, D], base: float = 10000) -> y {
  assert D % 2 == 0, "rotary positions turn pairs: the last size is even"
  angle[t < T, i < D // 2] = t / base^(2 * i / D)
  y[.., t, 2 * i + p | p < 2] =
      if p == 0 then x[.., t, 2 * i] * cos(angle[t, i]) - x[.., t, 2 * i + 1] * sin(angle[t, i])
      else x[.., t, 2 * i] * sin(angle[t, i]) + x[.., t, 2 * i + 1] * cos(angle[t, i])
}

## A bias for `attention` that falls with the distance of query and key, 2^(-8 (h + 1) / heads) a position in head h (Press et al. 2022).
## [heads, queries, keys].
##
##     alibi(heads = 8, queries = 1, keys = 3)[0] == [[0.0, -0.5, -1.0]]
fn alibi(heads: int, queries: int, keys: int) -> bias {
  bias[h < heads, i < queries, j < keys] = -2.0^(-8 * (h + 1) / heads) * abs(i - j)
}

## A bias for `attention` from a table of one row a head and one column a distance from -R to R; further ones count as R (Shaw et al. 2018;
## Raffel et al. 2020).  [H, 2 R + 1] -> [H, queries, keys].
##
##     relative_bias([[5.0, 0.0, 7.0]], 2, 3) == [[[0.0, 7.0, 7.0], [5.0, 0.0, 7.0]]]
fn relative_bias(table: f[H, C], queries: int, keys: int) -> bias {
  assert C % 2 == 1, "a table of distances -R to R has an odd number of columns"
  bias[h, i < queries, j < keys] = table[h, min(max(j - i + C // 2, 0), C - 1)]
}
