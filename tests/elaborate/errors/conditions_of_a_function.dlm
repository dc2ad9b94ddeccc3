fn main(x: f[4]) -> y { y[k] = softmax[j | j < 2](x[j])[k] }
# EXPECT
# error[E0207]: `softmax` takes a whole vector, so it has no conditions
#  --> t.dlm:1:32
#   |
# 1 | fn main(x: f[4]) -> y { y[k] = softmax[j | j < 2](x[j])[k] }
#   |                                ^^^^^^^^^^^^^^^^^^^^^^^^
