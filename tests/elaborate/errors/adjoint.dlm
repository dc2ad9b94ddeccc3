fn clipped(x: f[N]) -> y { y = x } with adjoint { x = y }
fn main(x: f[4]) = clipped(x)
# EXPECT
# error[E0399]: `with adjoint` is parsed but not compiled by this version
#  --> t.dlm:1:49
#   |
# 1 | fn clipped(x: f[N]) -> y { y = x } with adjoint { x = y }
#   |                                                 ^^^^^^^^^
