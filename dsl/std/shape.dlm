# Rearranging elements.

## All axes but the first as one.  [N, ..X] -> [N, product of X].
##
##     shape(flatten(zeros([32, 3, 8, 8]))) == [32, 192]
fn flatten(x: f[N, K, ..X]) = reshape(x, [N, K * prod(X)])

## The last two axes exchanged.  [.., I, J] -> [.., J, I].
##
##     transpose([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]) == [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]
fn transpose(x: f[.., I, J]) -> y {
  y[.., j, i] = x[.., i, j]
}

## One after the other along the last axis.  [.., I], [.., J] -> [.., I + J].
##
##     concat([[1.0], [2.0]], [[3.0, 4.0], [5.0, 6.0]]) == [[1.0, 3.0, 4.0], [2.0, 5.0, 6.0]]
fn concat(a: f[..S, I], b: f[..S, J]) -> y {
  y[..s, k < I + J] = if k < I then a[..s, k] else b[..s, k - I]
}

## One after the other along the first axis.  [I, ..S], [J, ..S] -> [I + J, ..S].
##
##     stack_rows([[1.0, 2.0]], [[3.0, 4.0], [5.0, 6.0]]) == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
fn stack_rows(a: f[I, ..S], b: f[J, ..S]) -> y {
  y[k < I + J, ..s] = if k < I then a[k, ..s] else b[k - I, ..s]
}

## `before` and `after` elements of `value` around every spatial axis.  [N, C, ..X] -> [N, C, ..(X + before + after)].
##
##     pad([[[1.0, 2.0]]], before = 1, after = 2, value = 9) == [[[9.0, 1.0, 2.0, 9.0, 9.0]]]
fn pad(x: f[N, C, ..X], before: int[..], after: int[..] = before, value: float = 0) -> y {
  y[n, c, ..i < X + before + after] = x[n, c, ..(i - before) else value]
}
