# The `lenet` of bench/step: two 3x3 convolutions (32 and 64 channels) with 2x2 max pooling, 3136-128-10, no dropout; Adam, batch 128.
import "std/nn"
import "std/loss"
import "std/optim"

model LeNet {
  input  image: f[Batch, 28, 28]
  target label: i32[Batch]
  features = image |> reshape([Batch, 1, 28, 28])
                   |> conv2d(32, kernel = 3) |> relu |> max_pool([2, 2])
                   |> conv2d(64, kernel = 3) |> relu |> max_pool([2, 2])
  logits   = features |> flatten |> dense(128) |> relu |> dense(10)
  loss cross_entropy = mean(softmax_cross_entropy(logits, label))
}

train {
  batch     = 128
  optimizer = adam(lr = 1e-3)
}
