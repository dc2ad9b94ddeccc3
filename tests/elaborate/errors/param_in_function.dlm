fn main(x: f[4]) -> y {
  param w: f[4] ~ zeros
  y = w * x
}
# EXPECT
# error[E0305]: `param` does not belong in a function; make it a `layer`
#  --> t.dlm:2:3
#   |
# 2 |   param w: f[4] ~ zeros
#   |   ^^^^^^^^^^^^^^^^^^^^^
