fn main(x: f[4]) {
  a = grad(x^2, x)
  b = grad(sum(x), x[0])
  c = grad(sum(x), 3.0)
  return a
}
# EXPECT
# error[E0216]: `grad` differentiates one number
#  --> t.dlm:2:12
#   |
# 2 |   a = grad(x^2, x)
#   |            ^^^ this is f[4]
#   = help: reduce it first, as in `sum(…)` or `mean(…)`; all derivatives are `jacobian(y, x)`
#
# error[E0216]: `grad` differentiates with respect to a named tensor
#  --> t.dlm:3:20
#   |
# 3 |   b = grad(sum(x), x[0])
#   |                    ^^^^ this is f
#   = help: give it a name first: `x = …`
#
# error[E0216]: `grad` differentiates with respect to a named tensor
#  --> t.dlm:4:20
#   |
# 4 |   c = grad(sum(x), 3.0)
#   |                    ^^^ this is the number 3.0
