fn main(x: f[8]) -> y {
  y[i] = x[i + j]
}
# EXPECT
# error[E0201]: unknown name `j`
#  --> t.dlm:2:16
#   |
# 2 |   y[i] = x[i + j]
#   |                ^
#   = help: every index on the right comes from the left or from a reduction
