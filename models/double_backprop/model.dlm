# Double back-propagation: a penalty on the gradient of the loss by the input (Drucker & LeCun 1992).
import "std/nn"
import "std/loss"
import "std/optim"

model DoubleBackprop(penalty: float = 0.1, eps: float = 0.03) {
  input  image: f[Batch, 28, 28]
  target label: i32[Batch]

  shared net = mlp([256, 128, 10])
  logits = net(flatten(image))
  losses = softmax_cross_entropy(logits, label)

  # Every example's loss by its own pixels: what training makes small is differentiated once more, by the parameters.
  slope = grad(sum(losses), image)
  squared_slope[n] = sum[i, j](slope[n, i, j]^2)

  # The fast gradient sign method (Goodfellow et al. 2015; Goodfellow et al., section 7.13): each pixel moves by eps to where the loss grows.
  attacked = min(max(image + eps * sign(slope), 0), 1)

  output probability   = softmax(logits)
  loss   objective     = mean(losses) + penalty * mean(squared_slope)
  metric cross_entropy = mean(losses)
  metric accuracy      = mean(argmax[k](logits[n, k]) == label)
  metric robust        = mean(argmax[k](net(flatten(attacked))[n, k]) == label)
}

train {
  data       = fashion_mnist()
  validation = holdout(0.1)
  batch      = 128
  optimizer  = adam(lr = 1e-3)
  schedule   = cosine(last = 1e-5)
  epochs     = 10
}
