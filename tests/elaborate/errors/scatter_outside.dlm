fn main(x: f[4]) -> y {
  y = zeros([4])
  y[i + 1] += x[i]
}
# EXPECT
# error[E0220]: this accumulates at 1..4 along axis 0 of `y`, which has 4 elements
#  --> t.dlm:3:5
#   |
# 3 |   y[i + 1] += x[i]
#   |     ^^^^^
