fn main(weights: f[8]) -> y {
  y[i] = 2 * wieghts[i]
}
# EXPECT
# error[E0201]: unknown name `wieghts`
#  --> t.dlm:2:14
#   |
# 2 |   y[i] = 2 * wieghts[i]
#   |              ^^^^^^^
#   = help: did you mean `weights`?
