optimizer descent(lr: float = 0.1) { w <- w - lr * g }
optimizer still() {
  state v = 0
  v <- g
}
layer weighted(x: f[K]) -> y {
  param weight: f[K] ~ ones
  y = sum(weight * x^2)
}
layer main(x: f[4]) -> y {
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
  y = minimize(x, weighted, descent)
  y[i] = minimize(x[i], sum, descent)
}
# EXPECT
# error[E0202]: unknown optimizer `descend`
#   --> t.dlm:11:24
#    |
# 11 |   y = minimize(x, sum, descend(lr = 0.1))
#    |                        ^^^^^^^
#    = help: did you mean `descent`?
#
# error[E0202]: unknown function `summ`
#   --> t.dlm:12:19
#    |
# 12 |   y = minimize(x, summ, descent())
#    |                   ^^^^
#    = help: did you mean `sum`?
#
# error[E0211]: `descent` has no parameter `rate`
#   --> t.dlm:13:32
#    |
# 13 |   y = minimize(x, sum, descent(rate = 0.1))
#    |                                ^^^^
#
# error[E0212]: `loss` of `minimize` is a function
#   --> t.dlm:14:19
#    |
# 14 |   y = minimize(x, 3, descent())
#    |                   ^ this is the number 3
#
# error[E0212]: this is no optimizer
#   --> t.dlm:15:24
#    |
# 15 |   y = minimize(x, sum, 3)
#    |                        ^
#    = help: give one with its settings: `sgd(lr = 0.1)`
#
# error[E0216]: `grad` differentiates one number
#   --> t.dlm:16:19
#    |
# 16 |   y = minimize(x, sqrt, descent())
#    |                   ^^^^ this is f[4]
#    = help: reduce it first, as in `sum(…)` or `mean(…)`; all derivatives are `jacobian(y, x)`
#
# error[E0216]: `minimize` moves a real tensor
#   --> t.dlm:17:16
#    |
# 17 |   y = minimize([1, 2], sum, descent)
#    |                ^^^^^^ this is the list [1, 2]
#
# error[E0212]: `minimize` takes 0 steps or more
#   --> t.dlm:18:41
#    |
# 18 |   y = minimize(x, sum, descent, steps = -1)
#    |                                         ^^ this is -1
#
# error[E0211]: `minimize` needs `optimizer`
#   --> t.dlm:19:7
#    |
# 19 |   y = minimize(x, sum)
#    |       ^^^^^^^^^^^^^^^^
#
# error[E0306]: optimizer `still` never says `w <- …`
#  --> t.dlm:2:11
#   |
# 2 | optimizer still() {
#   |           ^^^^^
#
# error[E0305]: `minimize` calls `weighted` at every step, each time with parameters of its own
#   --> t.dlm:21:19
#    |
# 21 |   y = minimize(x, weighted, descent)
#    |                   ^^^^^^^^
#    = help: share one: `shared net = weighted(…)`
#
# error[E0216]: `minimize` moves whole tensors, not one number of an equation
#   --> t.dlm:22:10
#    |
# 22 |   y[i] = minimize(x[i], sum, descent)
#    |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
