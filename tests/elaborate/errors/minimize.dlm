optimizer descent(lr: float = 0.1) { w <- w - lr * g }
optimizer still() {
  state v = 0
  v <- g
}
fn main(x: f[4]) -> y {
  y = minimize(x, sum, descend(lr = 0.1))
  y = minimize(x, summ, descent())
  y = minimize(x, sum, descent(rate = 0.1))
  y = minimize(x, 3, descent())
  y = minimize(x, sum, 3)
  y = minimize(x, sqrt, descent())
  y = minimize([1, 2], sum, descent)
  y = minimize(x, sum, descent, steps = -1)
  y = minimize(x, sum)
  y = minimize(x, sum, still())
  y[i] = minimize(x[i], sum, descent)
}
# EXPECT
# error[E0202]: unknown optimizer `descend`
#  --> t.dlm:7:24
#   |
# 7 |   y = minimize(x, sum, descend(lr = 0.1))
#   |                        ^^^^^^^
#   = help: did you mean `descent`?
#
# error[E0202]: unknown function `summ`
#  --> t.dlm:8:19
#   |
# 8 |   y = minimize(x, summ, descent())
#   |                   ^^^^
#   = help: did you mean `sum`?
#
# error[E0211]: `descent` has no parameter `rate`
#  --> t.dlm:9:32
#   |
# 9 |   y = minimize(x, sum, descent(rate = 0.1))
#   |                                ^^^^
#
# error[E0212]: `loss` of `minimize` is a function
#   --> t.dlm:10:19
#    |
# 10 |   y = minimize(x, 3, descent())
#    |                   ^ this is the number 3
#
# error[E0212]: this is no optimizer
#   --> t.dlm:11:24
#    |
# 11 |   y = minimize(x, sum, 3)
#    |                        ^
#    = help: give one with its settings: `sgd(lr = 0.1)`
#
# error[E0216]: `grad` differentiates one number
#   --> t.dlm:12:19
#    |
# 12 |   y = minimize(x, sqrt, descent())
#    |                   ^^^^ this is f[4]
#    = help: reduce it first, as in `sum(…)` or `mean(…)`; all derivatives are `jacobian(y, x)`
#
# error[E0216]: `minimize` moves a real tensor
#   --> t.dlm:13:16
#    |
# 13 |   y = minimize([1, 2], sum, descent)
#    |                ^^^^^^ this is the list [1, 2]
#
# error[E0212]: `minimize` takes 0 steps or more
#   --> t.dlm:14:41
#    |
# 14 |   y = minimize(x, sum, descent, steps = -1)
#    |                                         ^^ this is -1
#
# error[E0211]: `minimize` needs `optimizer`
#   --> t.dlm:15:7
#    |
# 15 |   y = minimize(x, sum)
#    |       ^^^^^^^^^^^^^^^^
#
# error[E0306]: optimizer `still` never says `w <- …`
#  --> t.dlm:2:11
#   |
# 2 | optimizer still() {
#   |           ^^^^^
#
# error[E0216]: `minimize` moves whole tensors, not one number of an equation
#   --> t.dlm:17:10
#    |
# 17 |   y[i] = minimize(x[i], sum, descent)
#    |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
