fn main(x: f[3]) -> y { y = twice(x) }
fn twice(x: f) = 2 * x with adjoint {
  x = 3
}
# EXPECT
# error[E0399]: `with adjoint` is parsed but not compiled by this version
#  --> t.dlm:2:37
#   |
# 2 | fn twice(x: f) = 2 * x with adjoint {
#   |                                     ^
