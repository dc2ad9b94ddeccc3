fn main(x: f[4]) = sum(x[3:1]) + sum(x[3:1:-1]) + sum(x[1:1])
# EXPECT
# error[E0204]: this view ends at 1, before it begins at 3
#  --> t.dlm:1:26
#   |
# 1 | fn main(x: f[4]) = sum(x[3:1]) + sum(x[3:1:-1]) + sum(x[1:1])
#   |                          ^^^
#
# error[E0204]: a step is at least 1
#  --> t.dlm:1:44
#   |
# 1 | fn main(x: f[4]) = sum(x[3:1]) + sum(x[3:1:-1]) + sum(x[1:1])
#   |                                            ^^
