fn main(x: f[4]) -> y { y[2 * i] = x[i] }
# EXPECT
# error[E0206]: the left side does not define each element exactly once
#  --> t.dlm:1:27
#   |
# 1 | fn main(x: f[4]) -> y { y[2 * i] = x[i] }
#   |                           ^^^^^ `i` has the weight 2; what stands to its right covers 1 position
