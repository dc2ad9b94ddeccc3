# A sequence with learned positions through a block of a transformer; the mean of its positions is classified.
import "std/nn"
import "std/loss"
import "std/optim"

model Transformer(heads: int = 2, hidden: int = 6, classes: int = 3) {
  input  x: f[Batch, 5, 3]
  target label: i32[Batch]

  h = x |> dense(4) |> learned_positions(5) |> transformer_encoder_block(heads, hidden, pre_norm = true)
  pooled[n, u] = mean[t](h[n, t, u])
  logits = pooled |> dense(classes)

  loss cross_entropy = mean(softmax_cross_entropy(logits, label))
}

train {
  batch     = 8
  optimizer = adam(lr = 0.01)
}
