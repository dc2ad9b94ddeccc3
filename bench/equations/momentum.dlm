# The update of one weight by SGD with momentum: the loss is so that the weight's gradient is the input `g`.
import "std/optim"
import "std/reduce"

model Momentum(size: int = 1024) {
  input g: f[Batch, size]
  param w: f[size] ~ normal(0, 1)
  loss linear = sum[k](g[0, k] * w[k])
}

train {
  batch     = 1
  optimizer = sgd(lr = 0.01, momentum = 0.9)
}
