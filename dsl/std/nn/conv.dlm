# Convolutional layers.  `kernel`, `stride`, `dilation`, `pad` and `after` are one number or a list, one per axis; `padding` is "valid",
# "same" or "full", and a `pad` of 0 or more takes its place (std/conv).  Weights are He-normal (He et al. 2015), biases zero.
import "std/conv"
import "std/init"
import "std/shape"

## 1-D convolution, [N, C, L] -> [N, channels, L'] (Goodfellow et al., section 9.1).
##
##     shape(zeros([8, 3, 100]) |> conv1d(16, kernel = 5, stride = 2)) == [8, 16, 50]
layer conv1d(x: f[N, groups * C, L], channels: int, kernel: int = 3, stride: int = 1,
             padding: string = "same", pad: int = -1, after: int = pad, dilation: int = 1, groups: int = 1) -> y {
  param weight: f[channels, C, kernel] ~ he_normal(fan_in = C * kernel)
  param bias:   f[channels] ~ zeros
  y = conv(x, weight, bias, stride = stride, pad = pad, after = after, dilation = dilation, padding = padding)
}

## 2-D convolution, [N, C, H, W] -> [N, channels, H', W'] (Goodfellow et al., section 9.1).
##
##     shape(zeros([8, 3, 32, 32]) |> conv2d(16, kernel = 5)) == [8, 16, 32, 32]
##     y = zeros([8, 3, 32, 32]) |> conv2d(16, kernel = [3, 1], stride = 2, padding = "valid")
##     shape(y) == [8, 16, 15, 16]
layer conv2d(x: f[N, groups * C, H, W], channels: int, kernel: int[2] = 3, stride: int[2] = 1,
             padding: string = "same", pad: int[2] = -1, after: int[2] = pad, dilation: int[2] = 1,
             groups: int = 1) -> y {
  param weight: f[channels, C, kernel[0], kernel[1]] ~ he_normal(fan_in = C * prod(kernel))
  param bias:   f[channels] ~ zeros
  y = conv(x, weight, bias, stride = stride, pad = pad, after = after, dilation = dilation, padding = padding)
}

## 3-D convolution, [N, C, D, H, W] -> [N, channels, D', H', W'] (Ji et al. 2013).
##
##     shape(zeros([2, 3, 8, 16, 16]) |> conv3d(4, stride = [1, 2, 2])) == [2, 4, 8, 8, 8]
layer conv3d(x: f[N, groups * C, D, H, W], channels: int, kernel: int[3] = 3, stride: int[3] = 1,
             padding: string = "same", pad: int[3] = -1, after: int[3] = pad, dilation: int[3] = 1,
             groups: int = 1) -> y {
  param weight: f[channels, C, kernel[0], kernel[1], kernel[2]] ~ he_normal(fan_in = C * prod(kernel))
  param bias:   f[channels] ~ zeros
  y = conv(x, weight, bias, stride = stride, pad = pad, after = after, dilation = dilation, padding = padding)
}

## 1-D transposed convolution, the adjoint of conv1d (Zeiler et al. 2010; Goodfellow et al., equation 9.13): [N, C, L] -> [N, channels, L'].
## With "same" padding L' is stride * L, else the smallest size whose convolution has L positions; `extra` elements more where another is
## meant.
##
##     shape(zeros([8, 16, 50]) |> conv_transpose1d(3, kernel = 5, stride = 2)) == [8, 3, 100]
layer conv_transpose1d(x: f[N, groups * C, L], channels: int, kernel: int = 3, stride: int = 1,
                       padding: string = "same", pad: int = -1, after: int = pad, dilation: int = 1, groups: int = 1,
                       extra: int = 0) -> y {
  assert channels % groups == 0, "the groups share the channels evenly"
  param weight: f[groups * C, channels // groups, kernel] ~ he_normal(fan_in = max(C * kernel // stride, 1))
  param bias:   f[channels] ~ zeros
  y = conv_transpose(x, weight, bias, stride = stride, pad = pad, groups = groups, extra = extra, after = after,
                     dilation = dilation, padding = padding)
}

## 2-D transposed convolution, the adjoint of conv2d (Zeiler et al. 2010; Goodfellow et al., equation 9.13): [N, C, H, W] -> [N, channels,
## H', W'].  Sizes as in conv_transpose1d.
##
##     shape(zeros([8, 16, 7, 7]) |> conv_transpose2d(3, kernel = 4, stride = 2)) ==
##         [8, 3, 14, 14]
layer conv_transpose2d(x: f[N, groups * C, H, W], channels: int, kernel: int[2] = 3, stride: int[2] = 1,
                       padding: string = "same", pad: int[2] = -1, after: int[2] = pad, dilation: int[2] = 1,
                       groups: int = 1, extra: int[2] = 0) -> y {
  assert channels % groups == 0, "the groups share the channels evenly"
  param weight: f[groups * C, channels // groups, kernel[0], kernel[1]] ~ he_normal(
      fan_in = max(C * prod(kernel) // prod(stride), 1))
  param bias:   f[channels] ~ zeros
  y = conv_transpose(x, weight, bias, stride = stride, pad = pad, groups = groups, extra = extra, after = after,
                     dilation = dilation, padding = padding)
}

## 3-D transposed convolution, the adjoint of conv3d (Goodfellow et al., equation 9.13): [N, C, D, H, W] -> [N, channels, D', H', W'].
## Sizes as in conv_transpose1d.
##
##     shape(zeros([2, 4, 4, 4, 4]) |> conv_transpose3d(3, stride = 2)) == [2, 3, 8, 8, 8]
layer conv_transpose3d(x: f[N, groups * C, D, H, W], channels: int, kernel: int[3] = 3, stride: int[3] = 1,
                       padding: string = "same", pad: int[3] = -1, after: int[3] = pad, dilation: int[3] = 1,
                       groups: int = 1, extra: int[3] = 0) -> y {
  assert channels % groups == 0, "the groups share the channels evenly"
  param weight: f[groups * C, channels // groups, kernel[0], kernel[1], kernel[2]] ~ he_normal(
      fan_in = max(C * prod(kernel) // prod(stride), 1))
  param bias:   f[channels] ~ zeros
  y = conv_transpose(x, weight, bias, stride = stride, pad = pad, groups = groups, extra = extra, after = after,
                     dilation = dilation, padding = padding)
}

## Depthwise 1-D convolution: `multiplier` kernels for each channel alone (Sifre 2014).  [N, C, L] -> [N, C * multiplier, L'].
##
##     shape(zeros([8, 3, 100]) |> depthwise_conv1d(multiplier = 2)) == [8, 6, 100]
layer depthwise_conv1d(x: f[N, C, L], multiplier: int = 1, kernel: int = 3, stride: int = 1,
                       padding: string = "same", pad: int = -1, after: int = pad, dilation: int = 1) -> y {
  param weight: f[C * multiplier, 1, kernel] ~ he_normal(fan_in = kernel)
  param bias:   f[C * multiplier] ~ zeros
  y = conv(x, weight, bias, stride = stride, pad = pad, after = after, dilation = dilation, padding = padding)
}

## Depthwise 2-D convolution: `multiplier` kernels for each channel alone (Sifre 2014).  [N, C, H, W] -> [N, C * multiplier, H', W'].
##
##     shape(zeros([8, 3, 32, 32]) |> depthwise_conv2d(stride = 2)) == [8, 3, 16, 16]
layer depthwise_conv2d(x: f[N, C, H, W], multiplier: int = 1, kernel: int[2] = 3, stride: int[2] = 1,
                       padding: string = "same", pad: int[2] = -1, after: int[2] = pad, dilation: int[2] = 1) -> y {
  param weight: f[C * multiplier, 1, kernel[0], kernel[1]] ~ he_normal(fan_in = prod(kernel))
  param bias:   f[C * multiplier] ~ zeros
  y = conv(x, weight, bias, stride = stride, pad = pad, after = after, dilation = dilation, padding = padding)
}

## Depthwise separable 1-D convolution: a depthwise one, then a kernel of 1 across channels (Chollet 2017).
## [N, C, L] -> [N, channels, L'].
##
##     shape(zeros([8, 3, 100]) |> separable_conv1d(16)) == [8, 16, 100]
layer separable_conv1d(x: f[N, C, L], channels: int, multiplier: int = 1, kernel: int = 3, stride: int = 1,
                       padding: string = "same", pad: int = -1, after: int = pad, dilation: int = 1) -> y {
  param depthwise: f[C * multiplier, 1, kernel] ~ he_normal(fan_in = kernel)
  param pointwise: f[channels, C * multiplier] ~ he_normal(fan_in = C * multiplier)
  param bias:      f[channels] ~ zeros
  y = separable_conv(x, depthwise, pointwise, bias, stride = stride, pad = pad, after = after, dilation = dilation,
                     padding = padding)
}

## Depthwise separable 2-D convolution: a depthwise one, then a kernel of 1 across channels (Chollet 2017).
## [N, C, H, W] -> [N, channels, H', W'].
##
##     shape(zeros([8, 3, 32, 32]) |> separable_conv2d(16, stride = 2)) == [8, 16, 16, 16]
layer separable_conv2d(x: f[N, C, H, W], channels: int, multiplier: int = 1, kernel: int[2] = 3, stride: int[2] = 1,
                       padding: string = "same", pad: int[2] = -1, after: int[2] = pad, dilation: int[2] = 1) -> y {
  param depthwise: f[C * multiplier, 1, kernel[0], kernel[1]] ~ he_normal(fan_in = prod(kernel))
  param pointwise: f[channels, C * multiplier] ~ he_normal(fan_in = C * multiplier)
  param bias:      f[channels] ~ zeros
  y = separable_conv(x, depthwise, pointwise, bias, stride = stride, pad = pad, after = after, dilation = dilation,
                     padding = padding)
}

## Tiled 1-D convolution: kernels that repeat every `tiles` positions of an axis (Goodfellow et al., equation 9.10).
## [N, C, L] -> [N, channels, L'].
##
##     shape(zeros([8, 3, 100]) |> tiled_conv1d(16, tiles = 2)) == [8, 16, 100]
layer tiled_conv1d(x: f[N, C, L], channels: int, tiles: int, kernel: int = 3, stride: int = 1,
                   padding: string = "same", pad: int = -1, after: int = pad, dilation: int = 1) -> y {
  param weight: f[channels, C, tiles * kernel] ~ he_normal(fan_in = C * kernel)
  param bias:   f[channels, tiles] ~ zeros
  y = tiled_conv(x, weight, bias, stride = stride, pad = pad, after = after, dilation = dilation, padding = padding)
}

## Tiled 2-D convolution: kernels that repeat every `tiles` positions of an axis (Goodfellow et al., equation 9.10).
## [N, C, H, W] -> [N, channels, H', W'].
##
##     shape(zeros([8, 3, 32, 32]) |> tiled_conv2d(16, tiles = 2)) == [8, 16, 32, 32]
layer tiled_conv2d(x: f[N, C, H, W], channels: int, tiles: int[2], kernel: int[2] = 3, stride: int[2] = 1,
                   padding: string = "same", pad: int[2] = -1, after: int[2] = pad, dilation: int[2] = 1) -> y {
  param weight: f[channels, C, tiles[0] * kernel[0], tiles[1] * kernel[1]] ~ he_normal(fan_in = C * prod(kernel))
  param bias:   f[channels, tiles[0], tiles[1]] ~ zeros
  y = tiled_conv(x, weight, bias, stride = stride, pad = pad, after = after, dilation = dilation, padding = padding)
}

## Locally connected 1-D layer: a kernel and a bias for each position (Goodfellow et al., equation 9.9).
## [N, C, L] -> [N, channels, L'].
##
##     shape(zeros([8, 3, 100]) |> locally_connected1d(4, padding = "valid")) == [8, 4, 98]
layer locally_connected1d(x: f[N, C, L], channels: int, kernel: int = 3, stride: int = 1,
                          padding: string = "same", pad: int = -1, after: int = pad, dilation: int = 1) -> y {
  positions = conv_size(L, dilation * (kernel - 1), stride, pad, after, padding)
  param weight: f[channels, C, positions * kernel] ~ he_normal(fan_in = C * kernel)
  param bias:   f[channels, positions] ~ zeros
  y = locally_connected(x, weight, bias, stride = stride, pad = pad, after = after, dilation = dilation,
                        padding = padding)
}

## Locally connected 2-D layer: a kernel and a bias for each position (Goodfellow et al., equation 9.9).
## [N, C, H, W] -> [N, channels, H', W'].
##
##     shape(zeros([8, 3, 12, 12]) |> locally_connected2d(4, stride = 2)) == [8, 4, 6, 6]
layer locally_connected2d(x: f[N, C, H, W], channels: int, kernel: int[2] = 3, stride: int[2] = 1,
                          padding: string = "same", pad: int[2] = -1, after: int[2] = pad, dilation: int[2] = 1) -> y {
  rows = conv_size(H, dilation[0] * (kernel[0] - 1), stride[0], pad[0], after[0], padding)
  columns = conv_size(W, dilation[1] * (kernel[1] - 1), stride[1], pad[1], after[1], padding)
  param weight: f[channels, C, rows * kernel[0], columns * kernel[1]] ~ he_normal(fan_in = C * prod(kernel))
  param bias:   f[channels, rows, columns] ~ zeros
  y = locally_connected(x, weight, bias, stride = stride, pad = pad, after = after, dilation = dilation,
                        padding = padding)
}
