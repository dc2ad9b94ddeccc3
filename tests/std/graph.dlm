# Graphs.  Expected values: the definitions written out.  Layers against differences are in `tests/cli/layers_test.py`.
import "samples"
import "std/graph"
import "std/nn"

## A graph of four nodes, the last without an arriving edge.
fn _from() = [0, 1, 2, 0, 3, 1]
fn _to() = [1, 0, 0, 2, 1, 2]
## Row n of the result is row `names[n]`.
fn _renamed(x: f[N, ..S], names: i32[N]) -> y {
  y[n, ..s] = x[names[n], ..s]
}

test "self_loops and degrees" {
  sources, targets = self_loops([0, 2], [1, 0], 3)
  assert all(sources == [0, 2, 0, 1, 2])
  assert all(targets == [1, 0, 0, 1, 2])
  assert all(in_degree(_to(), 4) == [2.0, 2.0, 2.0, 0.0])
  assert all(in_degree(_to(), 4, [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]) == [6.0, 17.0, 40.0, 0.0])
}
test "symmetric_norm" {
  # A path 0 - 1 - 2: degrees 1, 2, 1.
  assert close(symmetric_norm([0, 1, 1, 2], [1, 0, 2, 1], 3), [sqrt(0.5), sqrt(0.5), sqrt(0.5), sqrt(0.5)], 1e-14)
  # Nobody arrives at node 0: nothing of its edge is left.
  assert all(symmetric_norm([0], [1], 2) == [0.0])
}
test "aggregate: sum, mean, max, and nodes where nothing arrives" {
  x = [[1.0, 2.0], [3.0, -1.0], [5.0, 0.5]]
  to = [1, 1, 0]
  w = samples([3, 2], 1)
  assert all(aggregate(x, to, 3) == [[5.0, 0.5], [4.0, 1.0], [0.0, 0.0]])
  assert all(aggregate(x, to, 3, "mean") == [[5.0, 0.5], [2.0, 0.5], [0.0, 0.0]])
  assert all(aggregate(x, to, 3, "max") == [[5.0, 0.5], [3.0, 2.0], [0.0, 0.0]])
  assert all(grad(sum(w * aggregate(x, to, 3)), x) == [[w[1, 0], w[1, 1]], [w[1, 0], w[1, 1]], [w[0, 0], w[0, 1]]])
  assert all(grad(sum(w * aggregate(x, to, 3, "max")), x) == [[0.0, w[1, 1]], [w[1, 0], 0.0], [w[0, 0], w[0, 1]]])
  assert all(aggregate([1.0, 2.0, 3.0], to, 2) == [3.0, 3.0])
}
test "graph_conv is D^-1/2 (A + I) D^-1/2 x W + b" {
  x = samples([3, 2], 1)
  # A path 0 - 1 - 2: degrees with loops 2, 3, 2.
  shared net = graph_conv(4)
  y = net(x, [0, 1, 1, 2], [1, 0, 2, 1])
  d = [2.0, 3.0, 2.0]
  a = [[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]]
  mixed[i, k] = sum[j](a[i, j] * x[j, k] / sqrt(d[i] * d[j]))
  # Without edges a node sees itself alone, with degree 1.
  alone = net(mixed, zeros([0]) |> i32, zeros([0]) |> i32)
  assert close(y, alone, 1e-13)
}
test "what a node hears in gat is an average" {
  x = samples([4, 3], 1)
  one[n < 4, k] = x[0, k]
  shared net = gat(2, heads = 3)
  shared mean_of_heads = gat(2, heads = 3, average = true)
  y = net(one, _from(), _to())
  for n in 1..4 { assert close(y[n], y[0], 1e-14) }
  assert shape(net(x, _from(), _to())) == [4, 6]
  assert shape(mean_of_heads(x, _from(), _to())) == [4, 2]
}
test "gin counts, sage with a mean does not" {
  x = ones([4, 1])
  m = gin(x, _from(), _to(), [3])
  # Nodes 0, 1 and 2 hear two neighbours, node 3 none.
  assert close(m[0], 3 * m[3], 1e-14)
  y = sage(x, _from(), _to(), 3)
  assert close(y[0], y[1], 1e-14)
}
test "renaming the nodes renames the results" {
  x = samples([4, 3], 1)
  names = [2, 0, 3, 1]
  back  = [1, 3, 0, 2]
  xs = _renamed(x, names)
  from = _from()
  to   = _to()
  from_new[e] = back[from[e]]
  to_new[e] = back[to[e]]
  edges = samples([6, 2], 2)
  shared a = graph_conv(3)
  shared b = sage(3, how = "max")
  shared c = gat(3, heads = 2)
  shared d = gin([4, 3])
  shared e = message_passing([4, 3], [3])
  assert all(a(xs, from_new, to_new) == _renamed(a(x, from, to), names))
  assert all(b(xs, from_new, to_new) == _renamed(b(x, from, to), names))
  assert all(c(xs, from_new, to_new) == _renamed(c(x, from, to), names))
  assert all(d(xs, from_new, to_new) == _renamed(d(x, from, to), names))
  assert all(e(xs, from_new, to_new, edges = edges) == _renamed(e(x, from, to, edges = edges), names))
  # The read-out of the two graphs of two nodes that the ids tell apart.
  graph = [0, 1, 0, 1]
  assert all(aggregate(xs, [0, 0, 1, 1], 2) == aggregate(x, graph, 2))
}
