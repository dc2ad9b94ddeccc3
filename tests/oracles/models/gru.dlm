# A sequence read by gated recurrent units, whose last state is classified.
import "std/nn"
import "std/loss"
import "std/optim"

model Gru(units: int = 4, classes: int = 3) {
  input  x: f[Batch, 5, 3]
  target label: i32[Batch]

  xs[t, n, k] = x[n, t, k]
  states = xs |> gru(units)
  logits = states[4] |> dense(classes)

  loss cross_entropy = mean(softmax_cross_entropy(logits, label))
}

train {
  batch     = 8
  optimizer = adam(lr = 0.01)
}
