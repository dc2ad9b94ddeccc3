fn main(x: f[7]) -> y { y[i < 7 / 2] = x[i] }
# EXPECT
# error[E0301]: the bound of `i` is the number 3.5, not a whole number
#  --> t.dlm:1:31
#   |
# 1 | fn main(x: f[7]) -> y { y[i < 7 / 2] = x[i] }
#   |                               ^^^^^
#   = help: `/` is real division; write `//` to divide sizes
