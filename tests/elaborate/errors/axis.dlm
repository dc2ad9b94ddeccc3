fn main(x: f[2, 3]) = sum(x, axis = 1)
# EXPECT
# error[E0211]: `sum` takes one argument
#  --> t.dlm:1:23
#   |
# 1 | fn main(x: f[2, 3]) = sum(x, axis = 1)
#   |                       ^^^^^^^^^^^^^^^^
#   = help: indices say what it goes over, as in `sum[k](x[i, k])`
