layer main(x: f[4]) -> y {
  y = x
  y <- 2 * x
}
# EXPECT
# error[E0305]: `y` is no state, so it has no next value
#  --> t.dlm:3:3
#   |
# 3 |   y <- 2 * x
#   |   ^
#   = help: write `y = …`, or declare `state y = …`
