# The `mlp` of bench/step: 784-512-256-10, ReLU, no dropout; Adam, batch 128.
import "std/nn"
import "std/loss"
import "std/optim"

model Mlp {
  input  x: f[Batch, 784]
  target label: i32[Batch]
  logits = x |> dense(512) |> relu |> dense(256) |> relu |> dense(10)
  loss cross_entropy = mean(softmax_cross_entropy(logits, label))
}

train {
  batch     = 128
  optimizer = adam(lr = 1e-3)
}
