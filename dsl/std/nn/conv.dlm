# Convolutional layers.
import "std/conv"
import "std/init"
import "std/shape"

## 1-D convolution, [N, C, L] -> [N, channels, L'].  `pad` defaults to "same" for odd kernels.
layer conv1d(x: f[N, groups * C, L], channels: int, kernel: int = 3, stride: int = 1,
             pad: int = dilation * (kernel - 1) // 2,
             dilation: int = 1, groups: int = 1) -> y {
  param weight: f[channels, C, kernel] ~ he_normal(fan_in = C * kernel)
  param bias:   f[channels]            ~ zeros
  y = conv(x, weight, bias, stride = stride, pad = pad, dilation = dilation)
}

## 2-D convolution, [N, C, H, W] -> [N, channels, H', W'].  `pad` defaults to "same" for odd kernels.  He-normal weights (He et al. 2015).
layer conv2d(x: f[N, groups * C, H, W], channels: int, kernel: int = 3, stride: int = 1,
             pad: int = dilation * (kernel - 1) // 2,
             dilation: int = 1, groups: int = 1) -> y {
  param weight: f[channels, C, kernel, kernel] ~ he_normal(fan_in = C * kernel * kernel)
  param bias:   f[channels]                    ~ zeros
  y = conv(x, weight, bias, stride = stride, pad = pad, dilation = dilation)
}
