# A multilayer perceptron, small enough for its parameters to be written down.
import "std/nn"
import "std/loss"
import "std/optim"

model Mlp(first: int = 8, second: int = 5, classes: int = 3) {
  input  x: f[Batch, 6]
  target label: i32[Batch]

  logits = x |> dense(first) |> tanh |> dense(second) |> relu |> dense(classes)

  loss   cross_entropy = mean(softmax_cross_entropy(logits, label))
  metric accuracy      = mean(argmax[k](logits[n, k]) == label)
}

train {
  batch     = 8
  optimizer = adam(lr = 0.01)
}
