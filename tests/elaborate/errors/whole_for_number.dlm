fn main(x: f[4], s: f[4]) -> y { y[i] = x[i] + s }
# EXPECT
# error[E0214]: a whole tensor stands where one number is needed
#  --> t.dlm:1:48
#   |
# 1 | fn main(x: f[4], s: f[4]) -> y { y[i] = x[i] + s }
#   |                                                ^ this is f[4]
#   = help: read one element of it, as in `x[i]`
