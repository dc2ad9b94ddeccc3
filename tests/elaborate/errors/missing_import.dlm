layer main(x: f[4]) -> y {
  y = x |> dense(3) |> softplus
  z = [cumsum(y)] |> retlu
}
# EXPECT
# error[E0202]: unknown function `dense`
#  --> t.dlm:2:12
#   |
# 2 |   y = x |> dense(3) |> softplus
#   |            ^^^^^
#   = help: import "std/nn"
#
# error[E0202]: unknown function `retlu`
#  --> t.dlm:3:22
#   |
# 3 |   z = [cumsum(y)] |> retlu
#   |                      ^^^^^
#   = help: did you mean `relu`?
