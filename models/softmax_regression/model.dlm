# Softmax regression: one linear layer and the cross-entropy of its logits (Goodfellow et al., section 6.2.2.3).
import "std/nn"
import "std/loss"
import "std/optim"

model SoftmaxRegression(classes: int = 10) {
  input  image: f[Batch, 28, 28]
  target label: i32[Batch]

  logits = image |> flatten |> dense(classes)

  output probability   = softmax(logits)
  loss   cross_entropy = mean(softmax_cross_entropy(logits, label))
  metric accuracy      = mean(argmax[k](logits[n, k]) == label)
}

train {
  data       = fashion_mnist()
  validation = holdout(0.1)
  batch      = 128
  optimizer  = adam(lr = 3e-3)
  schedule   = cosine(last = 1e-5)
  epochs     = 10
  stop_early = patience(3, on = "validation.cross_entropy")
}
