# A multilayer perceptron, 784-256-128-10 (Goodfellow et al., chapter 6).
import "std/nn"
import "std/loss"
import "std/optim"

model Mlp(first: int = 256, second: int = 128, classes: int = 10, drop: float = 0.2) {
  input  image: f[Batch, 28, 28]
  target label: i32[Batch]

  hidden = image |> flatten |> dense(first) |> relu |> dropout(drop) |> dense(second) |> relu |> dropout(drop)
  logits = hidden |> dense(classes)

  output probability   = softmax(logits)
  loss   cross_entropy = mean(softmax_cross_entropy(logits, label))
  metric accuracy      = mean(argmax[k](logits[n, k]) == label)
}

train {
  data       = fashion_mnist()
  validation = holdout(0.1)
  batch      = 128
  optimizer  = adam(lr = 2e-3)
  schedule   = cosine(last = 1e-5)
  epochs     = 10
  stop_early = patience(3, on = "validation.cross_entropy")
}
