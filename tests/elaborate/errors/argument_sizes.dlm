import "std/linear"
fn main(x: f[4, 784], w: f[10, 128]) = linear(x, w)
# EXPECT
# error[E0209]: `K` is 784 and 128
#  --> t.dlm:2:50
#   |
# 2 | fn main(x: f[4, 784], w: f[10, 128]) = linear(x, w)
#   |                                                  ^ `w` is f[10, 128], declared `w: f[U, K]`
#   |                                               - `x` is f[4, 784], which makes `K` 784
