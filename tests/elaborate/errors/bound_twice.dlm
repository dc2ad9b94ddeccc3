fn main(x: f[3, 3]) -> y { y[i] = sum[i](x[i, i]) }
# EXPECT
# error[E0207]: index `i` is bound twice
#  --> t.dlm:1:39
#   |
# 1 | fn main(x: f[3, 3]) -> y { y[i] = sum[i](x[i, i]) }
#   |                                       ^
#   |                              - first here
