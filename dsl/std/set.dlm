# Sets of at most M elements, of which a mask says which there are.

## "sum", "mean" or "max" of the elements of a set that `mask` lets through; of none 0 (Zaheer et al. 2017).  [.., M, K] -> [.., K].
##
##     set_pool([[1.0], [2.0], [9.0]], mask = [true, true, false], how = "mean") == [1.5]
fn set_pool(x: f[..B, M, K], mask: bool[..B, M] = true, how: string = "sum") -> y {
  assert how == "sum" or how == "mean" or how == "max", "a set is pooled by sum, mean or max"
  if how == "max" {
    y[.., k] = max[m](if mask[.., m] then x[.., m, k] else -inf)
    y = if y > -inf then y else 0
  } else {
    y[.., k] = sum[m](if mask[.., m] then x[.., m, k] else 0)
    if how == "mean" {
      count[..] = sum[m](if mask[.., m] then 1.0 else 0.0)
      y[.., k] = y[.., k] / max(count[..], 1)
    }
  }
}
