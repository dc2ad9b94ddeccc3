fn main(x: f) -> d {
  y = x * x
  d = jvp(y, x, 1.0)
}
# EXPECT
# error[E0399]: `jvp` is parsed but not compiled by this version
#  --> t.dlm:3:7
#   |
# 3 |   d = jvp(y, x, 1.0)
#   |       ^^^^^^^^^^^^^^
