fn main(xs: f[3, 4]) -> hs {
  hs = scan x in xs with h = zeros([4]) { h = h + x  yield h }
}
# EXPECT
# error[E0399]: `scan` is parsed but not compiled by this version
#  --> t.dlm:2:8
#   |
# 2 |   hs = scan x in xs with h = zeros([4]) { h = h + x  yield h }
#   |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
