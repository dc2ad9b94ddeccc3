# Order and selection over the last axis; along an index, `cumsum[j](x[a, j, b])[k]`, they serve any axis.  Ties stand in the order in which
# they come, NaN counts as the largest number.  Ranks are counted: K² comparisons for a row of K.

## Whether `a` stands before `b`.
fn _before(a: f, b: f) = a < b or isnan(b) and not isnan(a)

## The place of each element, from 0, among those of its row when they are sorted; a permutation.  [.., K] -> [.., K].
##
##     ranks([30.0, 10.0, 20.0]) == [2, 0, 1]
fn ranks(x: f[.., K], descending: bool = false) -> r {
  if descending {
    r[.., k] = sum[j](_before(x[.., k], x[.., j]) or j < k and not _before(x[.., j], x[.., k]))
  } else {
    r[.., k] = sum[j](_before(x[.., j], x[.., k]) or j < k and not _before(x[.., k], x[.., j]))
  }
}

## Sorted, smallest first.  Each element is put at its rank, so the gradient is read there.  [.., K] -> [.., K].
##
##     sort([30.0, 10.0, 20.0]) == [10.0, 20.0, 30.0]
##     sort([30.0, 10.0, 20.0], descending = true) == [30.0, 20.0, 10.0]
fn sort(x: f[.., K], descending: bool = false) -> y {
  r = ranks(x, descending)
  y = zeros(shape(x))
  y[.., r[.., k]] += x[.., k]
}

## The positions that sort a row, the inverse of `ranks`: x[argsort(x)[k]] = sort(x)[k].  [.., K] -> [.., K].
##
##     argsort([30.0, 10.0, 20.0]) == [1, 2, 0]
fn argsort(x: f[.., K], descending: bool = false) -> y {
  r = ranks(x, descending)
  y[.., p < K] = sum[k | r[.., k] == p](k)
}

## The k largest, largest first, and their positions.  [.., K] -> [.., k], [.., k].
##
##     values, positions = top_k([30.0, 10.0, 20.0], k = 2)
##     values == [30.0, 20.0]
##     positions == [0, 2]
fn top_k(x: f[.., K], k: int) -> values, positions {
  assert k <= K, "top_k takes at most as many elements as a row has"
  r = ranks(x, descending = true)
  positions[.., p < k] = sum[j | r[.., j] == p](j)
  values[.., p] = x[.., positions[.., p]]
}

## The value below which the share `q` of a row lies, linear between two elements.  [.., K] -> [..].
##
##     quantile([10.0, 30.0, 20.0], 0.25) == 15.0
fn quantile(x: f[.., K], q: float) -> y {
  assert 0 <= q and q <= 1, "the share of a quantile lies in [0, 1]"
  s   = sort(x)
  at  = q * (K - 1)
  low = int(floor(at))
  y[..] = s[.., low] + (at - low) * (s[.., min(low + 1, K - 1)] - s[.., low])
}

## The middle element, or the mean of the two in the middle.  [.., K] -> [..].
##
##     median([1.0, 9.0, 3.0, 2.0]) == 2.5
fn median(x: f[.., K]) = quantile(x, 0.5)

## The sum of each element and those before it.  [.., K] -> [.., K].
##
##     cumsum([1.0, 2.0, 3.0]) == [1.0, 3.0, 6.0]
fn cumsum(x: f[.., K]) -> y {
  y[.., k < K] = sum[j | j <= k](x[.., j])
}

## The product of each element and those before it.  [.., K] -> [.., K].
##
##     cumprod([2.0, 3.0, 4.0]) == [2.0, 6.0, 24.0]
fn cumprod(x: f[.., K]) -> y {
  y[.., k < K] = prod[j | j <= k](x[.., j])
}

## The largest of each element and those before it.  [.., K] -> [.., K].
##
##     cummax([1.0, 3.0, 2.0]) == [1.0, 3.0, 3.0]
fn cummax(x: f[.., K]) -> y {
  y[.., k < K] = max[j | j <= k](x[.., j])
}

## 1 at the label, 0 elsewhere; a label that is no class gives zeros.  [..] -> [.., classes].
##
##     one_hot([2, 0], classes = 3) == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
fn one_hot(label: i64[..], classes: int) -> y {
  y[.., k < classes] = if label[..] == k then 1.0 else 0.0
}

## The elements at `index`, which may come several times.  [.., K], [.., M] -> [.., M].
##
##     take([10.0, 20.0, 30.0], [2, 2, 0]) == [30.0, 30.0, 10.0]
fn take(x: f[.., K], index: i64[.., M]) -> y {
  y[.., m] = x[.., index[.., m]]
}

## x with each `v` added at its `index`, the adjoint of `take`.  [.., K], [.., M], [.., M] -> [.., K].
##
##     scatter_add([0.0, 0.0, 5.0], [2, 2, 0], [1.0, 2.0, 3.0]) == [3.0, 0.0, 8.0]
fn scatter_add(x: f[.., K], index: i64[.., M], v: f[.., M]) -> y {
  y = x
  y[.., index[.., m]] += v[.., m]
}
