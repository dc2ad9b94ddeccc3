# Layers over graphs of N nodes given by lists of edges: edge e goes from node `from[e]` to node `to[e]`, both directions of an undirected
# edge are in the lists, edges from a node to itself are not.  Renaming the nodes renames the rows of every result.
import "std/graph"
import "std/init"
import "std/linear"
import "std/nn/dense"
import "std/scalar"
import "std/segment"
import "std/shape"

## Graph convolution, D^-1/2 (A + I) D^-1/2 x Wᵀ + b where D holds the degrees of A + I (Kipf & Welling 2017, equation 2); `weights` are the
## entries of A.  [N, K] -> [N, units].
##
##     shape(ones([4, 8]) |> graph_conv([0, 1, 1, 2], [1, 0, 2, 1], units = 3)) == [4, 3]
layer graph_conv(x: f[N, K], from: i32[E], to: i32[E], units: int, weights: f[E] = 1) -> y {
  param weight: f[units, K] ~ glorot_uniform(fan_in = K, fan_out = units)
  param bias:   f[units]    ~ zeros
  sources, targets = self_loops(from, to, N)
  a[e < E + N] = if e < E then weights[e] else 1
  a = symmetric_norm(sources, targets, N, a)
  h = linear(x, weight)
  m[e, u] = a[e] * h[sources[e], u]
  y = aggregate(m, targets, N) + bias
}

## GraphSAGE, W x + V (what the neighbours say) + b, by their "mean", "sum" or "max" (Hamilton et al. 2017).  [N, K] -> [N, units].
##
##     shape(ones([4, 8]) |> sage([0, 1, 1, 2], [1, 0, 2, 1], units = 3, how = "max")) == [4, 3]
layer sage(x: f[N, K], from: i32[E], to: i32[E], units: int, how: string = "mean") -> y {
  param weight:           f[units, K] ~ glorot_uniform(fan_in = K, fan_out = units)
  param neighbour_weight: f[units, K] ~ glorot_uniform(fan_in = K, fan_out = units)
  param bias:             f[units]    ~ zeros
  m[e, k] = x[from[e], k]
  y = linear(x, weight, bias) + linear(aggregate(m, to, N, how), neighbour_weight)
}

## Graph attention (Velickovic et al. 2018): each node weighs itself and its neighbours by a softmax of leaky_relu(a · [W x_to, W x_from]),
## in `heads` heads that are put side by side, or averaged for a last layer.  [N, K] -> [N, heads * units], averaged [N, units].
##
##     shape(ones([4, 8]) |> gat([0, 1, 1, 2], [1, 0, 2, 1], units = 3, heads = 2)) == [4, 6]
##     y = ones([4, 8]) |> gat([0, 1, 1, 2], [1, 0, 2, 1], units = 3, heads = 2, average = true)
##     shape(y) == [4, 3]
layer gat(x: f[N, K], from: i32[E], to: i32[E], units: int, heads: int = 1, average: bool = false,
          slope: float = 0.2) -> y {
  param weight:           f[heads, units, K] ~ glorot_uniform(fan_in = K, fan_out = units)
  param target_attention: f[heads, units]    ~ glorot_uniform(fan_in = units, fan_out = 1)
  param source_attention: f[heads, units]    ~ glorot_uniform(fan_in = units, fan_out = 1)
  sources, targets = self_loops(from, to, N)
  h[n, a, u] = sum[k](x[n, k] * weight[a, u, k])
  t[n, a] = sum[u](h[n, a, u] * target_attention[a, u])
  s[n, a] = sum[u](h[n, a, u] * source_attention[a, u])
  score[e, a] = leaky_relu(t[targets[e], a] + s[sources[e], a], slope)
  p = segment_softmax(score, targets, N)
  m[e, a, u] = p[e, a] * h[sources[e], a, u]
  z = aggregate(m, targets, N)
  if average {
    param bias: f[units] ~ zeros
    y[n, u] = mean[a](z[n, a, u]) + bias[u]
  } else {
    param bias: f[heads * units] ~ zeros
    y[n, a * units + u | u < units] = z[n, a, u] + bias[a * units + u]
  }
}

## Graph isomorphism network, mlp((1 + eps) x + sum of the neighbours) with a learned eps (Xu et al. 2019, equation 4.1).
## [N, K] -> [N, last of units].
##
##     shape(ones([4, 8]) |> gin([0, 1, 1, 2], [1, 0, 2, 1], units = [16, 3])) == [4, 3]
layer gin(x: f[N, K], from: i32[E], to: i32[E], units: int[L]) -> y {
  param eps: f[1] ~ zeros
  m[e, k] = x[from[e], k]
  z = (1 + eps) * x + aggregate(m, to, N)
  y = z |> mlp(units)
}

## Message passing (Gilmer et al. 2017): each edge says mlp([x_to, x_from, what it carries]), of the sizes `message`, a node hears the
## "sum", "mean" or "max" and becomes mlp([x, heard]), of the sizes `update`.  [N, K], [E, A] -> [N, last of update].
##
##     x = ones([4, 8])
##     y = x |> message_passing([0, 1, 1, 2], [1, 0, 2, 1], [16], [5], edges = ones([4, 2]))
##     shape(y) == [4, 5]
layer message_passing(x: f[N, K], from: i32[E], to: i32[E], message: int[L], update: int[U],
                      edges: f[E, A] = zeros([E, 0]),
                      how: string = "sum") -> y {
  shared say    = mlp(message)
  shared become = mlp(update)
  target[e, k] = x[to[e], k]
  source[e, k] = x[from[e], k]
  heard = aggregate(say(concat(concat(target, source), edges)), to, N, how)
  y = become(concat(x, heard))
}
