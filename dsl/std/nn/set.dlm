# Layers over sets [N, M, K], N sets of at most M elements of which `mask` says which there are.  The order of the elements changes nothing
# but the order of what is computed for each.
import "std/init"
import "std/linear"
import "std/nn/attention"
import "std/nn/dense"
import "std/set"

## Each element by itself and all of them together, W x + V pool(x) + b, the pool a "mean", "sum" or "max": the linear maps that
## commute with permutations (Zaheer et al. 2017, lemma 3).  [N, M, K] -> [N, M, units].
##
##     shape(ones([2, 5, 3]) |> set_equivariant(8, how = "max")) == [2, 5, 8]
layer set_equivariant(x: f[N, M, K], units: int, mask: bool[N, M] = true, how: string = "mean") -> y {
  param weight:      f[units, K] ~ glorot_uniform(fan_in = K, fan_out = units)
  param pool_weight: f[units, K] ~ glorot_uniform(fan_in = K, fan_out = units)
  param bias:        f[units]    ~ zeros
  own    = linear(x, weight, bias)
  pooled = linear(set_pool(x, mask, how), pool_weight)
  y[n, m, u] = own[n, m, u] + pooled[n, u]
}

## Deep Sets, a function of a set: mlp of the pool of an mlp of each element (Zaheer et al. 2017, theorem 2).  `element` and `set` are the
## sizes of the two.  [N, M, K] -> [N, last of set].
##
##     shape(ones([2, 5, 3]) |> deep_sets(element = [16, 16], set = [16, 4])) == [2, 4]
layer deep_sets(x: f[N, M, K], element: int[L], set: int[R], mask: bool[N, M] = true, how: string = "sum") -> y {
  y = x |> mlp(element) |> set_pool(mask, how) |> mlp(set)
}

## Pooling by attention (Lee et al. 2019, section 3.2): `seeds` learned queries look at the elements with `heads` heads.  Sets have at least
## one element.  [N, M, K] -> [N, seeds, K].
##
##     shape(ones([2, 5, 8]) |> set_attention_pool(heads = 4, seeds = 3)) == [2, 3, 8]
layer set_attention_pool(x: f[N, M, K], heads: int, seeds: int = 1, mask: bool[N, M] = true) -> y {
  param queries: f[seeds, K] ~ glorot_uniform(fan_in = K, fan_out = seeds)
  query[n < N, s, k] = queries[s, k]
  bias[n, 0, s < seeds, m] = if mask[n, m] then 0.0 else -inf
  y = query |> multi_head(x, heads, bias = bias)
}
