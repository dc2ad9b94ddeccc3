# RUN: dlc explain --stage simplified %s
# A group convolution is one convolution of the filters moved by the group; no gradient scatters, that of the filters included.
import "std/symmetry"
fn main(x: f[2, 3, 8, 5, 5], w: f[2, 3, 8, 3, 3]) -> dx, dw {
  y = group_conv(x, w, group = "p4m")
  dx, dw = grad(sum(y * y), [x, w])
}
# COUNT: scatter 0
