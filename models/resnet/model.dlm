# A residual network for Fashion-MNIST (He, Zhang, Ren & Sun 2016).
import "std/nn"
import "std/augment"
import "std/init"
import "std/loss"
import "std/optim"

## A convolution without bias, which the normalisation after it would take away.
layer filters(x: f[N, C, H, W], channels: int, kernel: int = 3, stride: int = 1) -> y {
  param weight: f[channels, C, kernel, kernel] ~ he_normal(fan_in = C * kernel^2)
  y = conv(x, weight, stride = stride, padding = "same")
}

## Two convolutions around which x passes: as it is, or through a kernel of 1 where the shape changes (He et al. 2016, figure 2, option B).
layer block(x: f[N, C, H, W], channels: int, stride: int = 1) -> y {
  h = x |> filters(channels, stride = stride) |> batch_norm |> relu |> filters(channels) |> batch_norm
  passed = x
  if stride > 1 or channels != C { passed = x |> filters(channels, kernel = 1, stride = stride) |> batch_norm }
  y = relu(h + passed)
}

model ResNet(width: int = 32, blocks: int = 1, classes: int = 10, shift: int = 2) {
  input  image: f[Batch, 28, 28]
  target label: i32[Batch]

  h = image |> reshape([Batch, 1, 28, 28]) |> random_shift(shift) |> random_flip
            |> filters(width) |> batch_norm |> relu |> max_pool(2)
  for stage in 0..3 {
    for i in 0..blocks { h = h |> block(width * 2^stage, stride = if i == 0 and stage > 0 then 2 else 1) }
  }
  logits = h |> global_avg_pool |> dense(classes)

  output probability   = softmax(logits)
  loss   cross_entropy = mean(softmax_cross_entropy(logits, label))
  metric accuracy      = mean(argmax[k](logits[n, k]) == label)
}

train {
  data       = fashion_mnist()
  validation = holdout(0.1)
  batch      = 128
  optimizer  = nesterov_momentum(lr = 0.1)
  regularize = l2_penalty(5e-4)
  schedule   = one_cycle()
  epochs     = 12
}
