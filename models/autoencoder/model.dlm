# Two autoencoders, 784 numbers by way of 32 (Hinton & Salakhutdinov 2006; Goodfellow et al., section 14.1 and, for the linear one, 2.12).
import "std/nn"
import "std/optim"

model Autoencoder(hidden: int = 128, units: int = 32) {
  input image: f[Batch, 28, 28]

  x = image |> flatten
  h = x |> mlp([hidden, units])
  r = h |> mlp([hidden, 784]) |> sigmoid

  output code           = h
  output reconstruction = r
  loss   squared_error  = sum((r - x)^2) / Batch
}

## No better than the principal components, and when trained as good.
model LinearAutoencoder(units: int = 32) {
  input image: f[Batch, 28, 28]

  x = image |> flatten
  h = x |> dense(units)
  r = h |> dense(784)

  output code           = h
  output reconstruction = r
  loss   squared_error  = sum((r - x)^2) / Batch
}

train {
  data      = fashion_mnist()
  batch     = 128
  optimizer = adam(lr = 2e-3)
  schedule  = cosine(last = 1e-5)
  epochs    = 10
}
