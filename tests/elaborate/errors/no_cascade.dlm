fn main(x: f[4]) -> y {
  a = missing(x)
  b[i] = a[i] + x[i]
  c = b * 2
  y = softmax(c) + other
}
# EXPECT
# error[E0202]: unknown function `missing`
#  --> t.dlm:2:7
#   |
# 2 |   a = missing(x)
#   |       ^^^^^^^
#
# error[E0201]: unknown name `other`
#  --> t.dlm:5:20
#   |
# 5 |   y = softmax(c) + other
#   |                    ^^^^^
