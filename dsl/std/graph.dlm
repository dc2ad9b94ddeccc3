# Graphs of N nodes given by their edges: edge e goes from node `from[e]` to node `to[e]`.  An undirected graph has both directions of each
# edge.
import "segment"

## `from` and `to` with an edge from every node to itself behind, the I of A + I (Kipf & Welling 2017, equation 2).  [E], [E] -> [E +
## nodes], [E + nodes].
##
##     sources, targets = self_loops([0], [1], nodes = 2)
##     sources == [0, 0, 1]
##     targets == [1, 0, 1]
fn self_loops(from: i32[E], to: i32[E], nodes: int) -> sources, targets {
  sources[e < E + nodes] = if e < E then from[e] else e - E
  targets[e < E + nodes] = if e < E then to[e] else e - E
}

## The sum of the weights of the edges that arrive at each node, by default their number.  [E] -> [nodes].
##
##     in_degree([1, 1, 0], nodes = 3) == [1.0, 2.0, 0.0]
fn in_degree(to: i32[E], nodes: int, weights: f[E] = 1) -> d {
  w[e < E] = weights[e]
  d = segment_sum(w, to, nodes)
}

## What multiplies each edge so that sums over neighbours keep their scale: weight / sqrt(degree of source * degree of target), D^-1/2 A
## D^-1/2 (Kipf & Welling 2017, equation 2); 0 where a degree is 0.  Degrees count arriving edges.  [E] -> [E].
##
##     symmetric_norm([0, 1, 1, 2], [1, 0, 2, 1], nodes = 3) ≈ [0.7071, 0.7071, 0.7071, 0.7071]
fn symmetric_norm(from: i32[E], to: i32[E], nodes: int, weights: f[E] = 1) -> y {
  d = in_degree(to, nodes, weights)
  r = if d > 0 then rsqrt(d) else 0
  y[e] = weights[e] * r[from[e]] * r[to[e]]
}

## What arrives at each node: "sum", "mean" or "max" of the values of its edges, 0 where none arrives.  With nodes for edges and graphs for
## nodes it reads out a batch of graphs: `aggregate(x, graph, graphs, "mean")`.  [E, ..S] -> [nodes, ..S].
##
##     aggregate([1.0, 2.0, 5.0], [1, 1, 0], nodes = 3, how = "mean") == [5.0, 1.5, 0.0]
fn aggregate(values: f[E, ..S], to: i32[E], nodes: int, how: string = "sum") -> y {
  assert how == "sum" or how == "mean" or how == "max", "values are aggregated by sum, mean or max"
  if how == "sum" { y = segment_sum(values, to, nodes) }
  if how == "mean" { y = segment_mean(values, to, nodes) }
  if how == "max" { y = segment_max(values, to, nodes, empty = 0) }
}
