# RUN: dlc explain --stage simplified %s
# The gradient of a transposed convolution is a strided convolution; the transposed one itself is one for each phase.
import "std/conv"
fn main(x: f[2, 3, 5], w: f[3, 4, 3]) -> dx {
  y = conv_transpose(x, w, stride = 2, pad = 1)
  dx = grad(sum(y * y), x)
}
# COUNT: scatter 0
# COUNT: where 0
