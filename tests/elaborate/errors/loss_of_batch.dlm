model main {
  input x: f[2, 4]
  loss l = x^2
}
# EXPECT
# error[E0219]: a loss is a single number
#  --> t.dlm:3:12
#   |
# 3 |   loss l = x^2
#   |            ^^^ this is f[2, 4]
#   = help: take the `mean(…)` over the examples
