fn main(x: f[4]) -> y { y[i + 1] = x[i] }
# EXPECT
# error[E0206]: the left side does not define each element exactly once
#  --> t.dlm:1:27
#   |
# 1 | fn main(x: f[4]) -> y { y[i + 1] = x[i] }
#   |                           ^^^^^ position 0 is not defined: this starts at 1
