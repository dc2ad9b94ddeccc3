fn main(x: f[4, 5]) -> y { y[i] = x[i] }
# EXPECT
# error[E0208]: `x` has 2 dimensions, read with 1 index
#  --> t.dlm:1:35
#   |
# 1 | fn main(x: f[4, 5]) -> y { y[i] = x[i] }
#   |                                   ^^^^ `x` is [4, 5]
