fn main(x: f[4]) -> y { y[i, i] = x[i] }
# EXPECT
# error[E0206]: the left side does not define each element exactly once
#  --> t.dlm:1:30
#   |
# 1 | fn main(x: f[4]) -> y { y[i, i] = x[i] }
#   |                              ^ index `i` stands on the left twice
