fn main(x: f[4]) {
  a = jvp(x, x, x)
  b = checkpoint(x)
  return a
}
# EXPECT
# error[E0399]: `jvp` is parsed but not compiled by this version
#  --> t.dlm:2:7
#   |
# 2 |   a = jvp(x, x, x)
#   |       ^^^^^^^^^^^^
#
# error[E0399]: `checkpoint` is parsed but not compiled by this version
#  --> t.dlm:3:7
#   |
# 3 |   b = checkpoint(x)
#   |       ^^^^^^^^^^^^^
