fn main(x: f[2, 3]) = x[2] + x[0, 1:5]
# EXPECT
# error[E0204]: this views `x` at 2, outside of it
#  --> t.dlm:1:25
#   |
# 1 | fn main(x: f[2, 3]) = x[2] + x[0, 1:5]
#   |                         ^ it has 2 elements along axis 0
#
# error[E0204]: this views `x` at 5, outside of it
#  --> t.dlm:1:37
#   |
# 1 | fn main(x: f[2, 3]) = x[2] + x[0, 1:5]
#   |                                     ^ it has 3 elements along axis 1
