# The `lstm` of bench/step: text of 96 characters, 64 at a time, an embedding, one recurrent layer of 256, the next character; Adam, batch 32.
import "std/nn"
import "std/loss"
import "std/optim"

model Lstm(vocabulary: int = 96, units: int = 256) {
  input  text: i32[Batch, 64]
  target next: i32[Batch, 64]
  e = text |> embedding(vocabulary, units)
  steps[t, b, u] = e[b, t, u]
  states = steps |> lstm(units)
  logits = states |> dense(vocabulary)
  after[t, b] = next[b, t]
  loss cross_entropy = mean(softmax_cross_entropy(logits, after))
}

train {
  batch     = 32
  optimizer = adam(lr = 1e-3)
}
