fn main(x: f[3], n: i32[3]) -> y {
  a = jvp(x * x, x, [1.0, 2.0])
  b = jvp(x * x, n, x)
  c = jvp(n, x, x)
  d = jvp(x * x, x + 1, x)
  e = jvp(x * x, [x, x], [x])
  f = jacobian(x * x, [x, x * 2])
  g = jacobian(2.0, x)
  h = grad(x, x)
  y[i] = jvp(x[i], x, x)
}
# EXPECT
# error[E0203]: a direction has the shape of what moves
#  --> t.dlm:2:21
#   |
# 2 |   a = jvp(x * x, x, [1.0, 2.0])
#   |                     ^^^^^^^^^^ this is f[2]
#   |                  - this is f[3]
#
# error[E0216]: there is no derivative with respect to i32[3]
#  --> t.dlm:3:18
#   |
# 3 |   b = jvp(x * x, n, x)
#   |                  ^
#
# error[E0216]: only a real number has a derivative
#  --> t.dlm:4:11
#   |
# 4 |   c = jvp(n, x, x)
#   |           ^ this is i32[3]
#
# error[E0216]: `jvp` differentiates with respect to a named tensor
#  --> t.dlm:5:18
#   |
# 5 |   d = jvp(x * x, x + 1, x)
#   |                  ^^^^^ this is f[3]
#   = help: give it a name first: `x = …`
#
# error[E0203]: `jvp` along 2 tensors
#  --> t.dlm:6:26
#   |
# 6 |   e = jvp(x * x, [x, x], [x])
#   |                          ^^^ this is a list
#   |                  ------ each of these moves in a direction of its own
#
# error[E0216]: `jacobian` differentiates with respect to a named tensor
#  --> t.dlm:7:23
#   |
# 7 |   f = jacobian(x * x, [x, x * 2])
#   |                       ^^^^^^^^^^ this is f[3]
#   = help: give it a name first: `x = …`
#
# error[E0216]: `jacobian` differentiates a tensor
#  --> t.dlm:8:16
#   |
# 8 |   g = jacobian(2.0, x)
#   |                ^^^ this is the number 2.0
#   = help: what is known without running has no derivative: take it from an argument or from a named list
#
# error[E0216]: `grad` differentiates one number
#  --> t.dlm:9:12
#   |
# 9 |   h = grad(x, x)
#   |            ^ this is f[3]
#   = help: reduce it first, as in `sum(…)` or `mean(…)`; all derivatives are `jacobian(y, x)`
#
# error[E0216]: `jvp` differentiates whole tensors, not one number of an equation
#   --> t.dlm:10:10
#    |
# 10 |   y[i] = jvp(x[i], x, x)
#    |          ^^^^^^^^^^^^^^^
