# The update of one weight by Adam: the loss is so that the weight's gradient is the input `g`.
import "std/optim"
import "std/reduce"

model Adam(size: int = 1024) {
  input g: f[Batch, size]
  param w: f[size] ~ normal(0, 1)
  loss linear = sum[k](g[0, k] * w[k])
}

train {
  batch     = 1
  optimizer = adam(lr = 1e-3)
}
