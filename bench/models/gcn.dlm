# The `gcn` of bench/step: two graph convolutions (Kipf & Welling 2017) over a graph of the size of Cora, 2708 papers of 1433 words and 10556
# directed edges, 16 hidden units, 7 classes; Adam.  A batch is one graph.
import "std/nn"
import "std/loss"
import "std/optim"

model Gcn(nodes: int = 2708, edges: int = 10556, words: int = 1433, hidden: int = 16, classes: int = 7) {
  input  features: f[1, nodes, words]
  input  from: i32[1, edges]
  input  to:   i32[1, edges]
  target label: i32[1, nodes]
  scores = features[0] |> graph_conv(from[0], to[0], hidden) |> relu |> graph_conv(from[0], to[0], classes)
  loss cross_entropy = mean(softmax_cross_entropy(scores, label[0]))
}

train {
  batch     = 1
  optimizer = adam(lr = 1e-3)
}
