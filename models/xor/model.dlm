# Exclusive or, the smallest problem that no linear model solves (Goodfellow et al., section 6.1).
import "std/nn"
import "std/loss"
import "std/optim"

model Xor(hidden: int = 8) {
  input  x: f[Batch, 2]
  target y: f[Batch]

  h     = x |> dense(hidden) |> tanh
  score = h |> dense(1)
  logit[b] = score[b, 0]

  output probability = sigmoid(logit)
  loss   cross_entropy = mean(binary_cross_entropy(logit, y))
  metric accuracy      = mean((logit > 0) == (y > 0.5))
}

train {
  data      = xor()
  batch     = 4
  optimizer = adam(lr = 0.05)
  epochs    = 200
}
