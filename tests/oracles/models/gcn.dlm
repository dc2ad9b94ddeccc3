# Two graph convolutions that classify the nodes of a graph.
import "std/nn"
import "std/loss"
import "std/optim"

model Gcn(units: int = 5, classes: int = 3) {
  input  x: f[Batch, 4]
  input  from: i32[14]
  input  to: i32[14]
  target label: i32[Batch]

  logits = x |> graph_conv(from, to, units) |> tanh |> graph_conv(from, to, classes)

  loss cross_entropy = mean(softmax_cross_entropy(logits, label))
}

train {
  batch     = 8
  optimizer = adam(lr = 0.01)
}
