fn main(x: f[4]) -> y { y[i] += x[i] }
# EXPECT
# error[E0220]: `y` is not there to accumulate into
#  --> t.dlm:1:25
#   |
# 1 | fn main(x: f[4]) -> y { y[i] += x[i] }
#   |                         ^
#   = help: begin with `y = zeros([…])`
