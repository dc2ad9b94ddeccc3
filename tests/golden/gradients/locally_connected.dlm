# RUN: dlc explain --stage simplified %s
# Weights that no position shares have a gradient without a sum over positions; that of the image gathers what reaches it.
import "std/conv"
fn main(x: f[2, 3, 7, 6], w: f[4, 3, 15, 12], b: f[4, 5, 4]) -> dx, dw {
  y = locally_connected(x, w, b)
  dx, dw = grad(sum(y * y), [x, w])
}
# COUNT: scatter 0
