# The `resnet` of bench/step: batch normalization, three stages of two residual blocks at 32, 64 and 128 channels (He et al. 2016); Adam,
# batch 32.
import "std/nn"
import "std/init"
import "std/loss"
import "std/optim"

## A convolution without bias, which the normalization after it would take away.
layer filters(x: f[N, C, H, W], channels: int, kernel: int = 3, stride: int = 1) -> y {
  param weight: f[channels, C, kernel, kernel] ~ he_normal(fan_in = C * kernel^2)
  y = conv(x, weight, stride = stride, pad = kernel // 2)
}

## Two convolutions around which x passes: as it is, or through a kernel of 1 where the shape changes.
layer block(x: f[N, C, H, W], channels: int, stride: int = 1) -> y {
  h = x |> filters(channels, stride = stride) |> batch_norm |> relu |> filters(channels) |> batch_norm
  passed = x
  if stride > 1 or channels != C { passed = x |> filters(channels, kernel = 1, stride = stride) |> batch_norm }
  y = relu(h + passed)
}

model ResNet(width: int = 32, blocks: int = 2) {
  input  image: f[Batch, 3, 32, 32]
  target label: i32[Batch]
  h = image |> filters(width) |> batch_norm |> relu
  for stage in 0..3 {
    for i in 0..blocks { h = h |> block(width * 2^stage, stride = if i == 0 and stage > 0 then 2 else 1) }
  }
  logits = h |> global_avg_pool |> dense(10)
  loss cross_entropy = mean(softmax_cross_entropy(logits, label))
}

train {
  batch     = 32
  optimizer = adam(lr = 1e-3)
}
