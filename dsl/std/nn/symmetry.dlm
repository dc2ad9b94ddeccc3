# Layers that commute with quarter turns and reflections (Cohen & Welling 2016); `group` is "p4" or "p4m" (std/symmetry).  Between them go
# scalar functions, `batch_norm`, whose moments all elements share, and pooling with a kernel of 1 along the axis of elements.
import "std/init"
import "std/symmetry"

## From images to the group (Cohen & Welling 2016), [N, C, H, W] -> [N, channels, elements, H', W'].  He-normal weights.
##
##     shape(zeros([2, 3, 9, 9]) |> lifting_conv2d(8, group = "p4m")) == [2, 8, 8, 9, 9]
layer lifting_conv2d(x: f[N, C, H, W], channels: int, kernel: int = 3, group: string = "p4", stride: int = 1,
                     padding: string = "same", pad: int = -1) -> y {
  param weight: f[channels, C, kernel, kernel] ~ he_normal(fan_in = C * kernel^2)
  param bias:   f[channels] ~ zeros
  y = lifting_conv(x, weight, bias, group, stride = stride, pad = pad, padding = padding)
}

## From the group to the group (Cohen & Welling 2016), [N, C, elements, H, W] -> [N, channels, elements, H', W'].  He-normal weights.
##
##     shape(zeros([2, 8, 4, 9, 9]) |> group_conv2d(16)) == [2, 16, 4, 9, 9]
layer group_conv2d(x: f[N, C, G, H, W], channels: int, kernel: int = 3, group: string = if G == 4 then "p4" else "p4m",
                   stride: int = 1, padding: string = "same", pad: int = -1) -> y {
  param weight: f[channels, C, G, kernel, kernel] ~ he_normal(fan_in = C * G * kernel^2)
  param bias:   f[channels] ~ zeros
  y = group_conv(x, weight, bias, group, stride = stride, pad = pad, padding = padding)
}
