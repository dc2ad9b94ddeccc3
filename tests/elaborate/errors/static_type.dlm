fn times(x: f, n: int) = n * x
fn main(x: f[4]) {
  a = times(x, 2.5)
  b = times(x, x)
  return a
}
# EXPECT
# error[E0212]: `n` of `times` is an int
#  --> t.dlm:3:16
#   |
# 1 | fn times(x: f, n: int) = n * x
#   |                ------ declared here
# ...
# 3 |   a = times(x, 2.5)
#   |                ^^^ this is the number 2.5
#   = help: `/` is real division; write `//` to divide sizes
#
# error[E0212]: `n` of `times` is an int
#  --> t.dlm:4:16
#   |
# 1 | fn times(x: f, n: int) = n * x
#   |                ------ declared here
# ...
# 4 |   b = times(x, x)
#   |                ^ this is f[4]
