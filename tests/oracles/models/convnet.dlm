# Two convolutions with pooling, small enough for its parameters to be written down.
import "std/nn"
import "std/loss"
import "std/optim"

model Convnet(classes: int = 3) {
  input  x: f[Batch, 1, 8, 8]
  target label: i32[Batch]

  features = x |> conv2d(4, kernel = 3) |> relu |> max_pool([2, 2]) |> conv2d(5, kernel = 3) |> relu |> max_pool([2, 2])
  logits   = features |> flatten |> dense(classes)

  loss cross_entropy = mean(softmax_cross_entropy(logits, label))
}

train {
  batch     = 8
  optimizer = adam(lr = 0.01)
}
