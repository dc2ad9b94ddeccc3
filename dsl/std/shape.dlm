# Rearranging elements.

## All axes but the first as one.  [N, ..X] -> [N, product of X].
fn flatten(x: f[N, K, ..X]) = reshape(x, [N, K * prod(X)])
## The last two axes exchanged.  [.., I, J] -> [.., J, I].
fn transpose(x: f[.., I, J]) -> y {
  y[.., j, i] = x[.., i, j]
}
## One after the other along the last axis.  [.., I], [.., J] -> [.., I + J].
fn concat(a: f[..S, I], b: f[..S, J]) -> y {
  y[..s, k < I + J] = if k < I then a[..s, k] else b[..s, k - I]
}
## One after the other along the first axis.  [I, ..S], [J, ..S] -> [I + J, ..S].
fn stack_rows(a: f[I, ..S], b: f[J, ..S]) -> y {
  y[k < I + J, ..s] = if k < I then a[k, ..s] else b[k - I, ..s]
}
## `before` and `after` elements of `value` around every spatial axis.  [N, C, ..X] -> [N, C, ..(X + before + after)].
fn pad(x: f[N, C, ..X], before: int[..], after: int[..] = before, value: float = 0) -> y {
  y[n, c, ..i < X + before + after] = x[n, c, ..(i - before) else value]
}
