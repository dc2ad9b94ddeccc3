layer main(x: f[4]) -> y {
  state s: f[2] = 0
  s <- x
  y = x
}
# EXPECT
# error[E0218]: the next value of `s` is f[4], it is f[2]
#  --> t.dlm:3:8
#   |
# 2 |   state s: f[2] = 0
#   |   ----------------- declared here
# 3 |   s <- x
#   |        ^
