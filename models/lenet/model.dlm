# A convolutional classifier for Fashion-MNIST (Goodfellow et al., chapter 9; after LeCun et al. 1998).
import "std/nn"
import "std/loss"
import "std/optim"

model LeNet(classes: int = 10, drop: float = 0.5) {
  input  image: f[Batch, 28, 28]
  target label: i32[Batch]

  features = image |> reshape([Batch, 1, 28, 28])
                   |> conv2d(32, kernel = 3) |> relu |> max_pool([2, 2])
                   |> conv2d(64, kernel = 3) |> relu |> max_pool([2, 2])
  logits   = features |> flatten |> dense(128) |> relu |> dropout(drop) |> dense(classes)

  output probability   = softmax(logits)
  loss   cross_entropy = mean(softmax_cross_entropy(logits, label))
  metric accuracy      = mean(argmax[k](logits[n, k]) == label)
}

train {
  data       = fashion_mnist()
  validation = holdout(0.1)
  batch      = 128
  optimizer  = adam(lr = 1e-3)
  schedule   = cosine(last = 1e-5)
  epochs     = 10
  stop_early = patience(3, on = "validation.cross_entropy")
}
