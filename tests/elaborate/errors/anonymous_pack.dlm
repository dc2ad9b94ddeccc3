fn main(x: f[4]) -> y { y[i] = x[..] + i }
# EXPECT
# error[E0205]: nothing gives the range of index `i`
#  --> t.dlm:1:27
#   |
# 1 | fn main(x: f[4]) -> y { y[i] = x[..] + i }
#   |                           ^
#   = help: give it a bound, as in `i < N`, or read a tensor at `i` alone
