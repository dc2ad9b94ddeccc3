fn main(x: f[4], w: f[4]) -> a, b {
  a = sum[k](x[k], 2)
  b[n] = softmax[k](x[k], w)[n]
}
# EXPECT
# error[E0211]: `sum` reduces one expression
#  --> t.dlm:2:20
#   |
# 2 |   a = sum[k](x[k], 2)
#   |                    ^
#
# error[E0211]: `softmax` takes 1 argument
#  --> t.dlm:3:27
#   |
# 3 |   b[n] = softmax[k](x[k], w)[n]
#   |                           ^ this is one more
