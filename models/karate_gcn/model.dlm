# A graph convolutional network that knows two of 34 labels (Kipf & Welling 2017).
import "std/nn"
import "std/loss"
import "std/optim"

## The features are the identity matrix, so that a member is known by its ties alone, each of the weight `tie`.  A batch is one graph.
model KarateGcn(members: int = 34, edges: int = 156, hidden: int = 16, tie: float = 1) {
  input  from:  i32[1, edges]
  input  to:    i32[1, edges]
  target label: i32[1, members]
  target known: f[1, members]

  identity[i < members, j < members] = if i == j then 1.0 else 0.0
  h      = identity |> graph_conv(from[0], to[0], hidden, weights = tie) |> relu
  scores = h |> graph_conv(from[0], to[0], 2, weights = tie)
  logits[g < 1, n, k] = scores[n, k]

  output club          = argmax[k](logits[g, n, k])
  loss   cross_entropy = sum(known * softmax_cross_entropy(logits, label)) / sum(known)
  metric accuracy      = sum((1 - known) * (argmax[k](logits[g, n, k]) == label)) / sum(1 - known)
}

train {
  data       = karate()
  batch      = 1
  optimizer  = adam(lr = 0.01)
  regularize = l2_penalty(5e-4, parameters = "graph_conv_1.weight")
  epochs     = 200
}

test "renaming the members renames the rows" {
  shared layer = graph_conv(units = 3)
  from = [0, 1, 1, 2, 2, 3]
  to   = [1, 0, 2, 1, 3, 2]
  x    = [[0.3, -1.0], [0.7, 0.2], [-0.5, 0.4], [1.1, 0.6]]
  new  = [2, 0, 3, 1]
  y    = layer(x, from, to)
  old  = [1, 3, 0, 2]
  moved_from[e] = new[from[e]]
  moved_to[e]   = new[to[e]]
  moved[n, k]   = x[old[n], k]
  z = layer(moved, moved_from, moved_to)
  back[n, k] = z[new[n], k]
  assert close(back, y, 1e-12)
}
