import "std/nn"
fn apply(x: f[..], g: fn) = g(x)
fn fold(x: f[..], steps: fn[..]) -> y {
  y = x
  for step in steps { y = step(y) }
}
fn main(x: f[3]) -> y {
  y = apply(x, relux)
  y = apply(x, 3)
  y = apply(x, [relu])
  y = fold(x, relu)
  y = apply(x, dense(3))
  y = apply(x, leaky_relu(slop = 2))
  y = apply(x, leaky_relu(1, 2))
  y = apply(x, apply)
  y[n] = tanh[m](x[m])[n]
}
# EXPECT
# error[E0202]: unknown function `relux`
#  --> t.dlm:8:16
#   |
# 8 |   y = apply(x, relux)
#   |                ^^^^^
#   = help: did you mean `relu`?
#
# error[E0212]: `g` of `apply` is a function
#  --> t.dlm:9:16
#   |
# 2 | fn apply(x: f[..], g: fn) = g(x)
#   |                    ----- declared here
# ...
# 9 |   y = apply(x, 3)
#   |                ^ this is the number 3
#
# error[E0212]: `g` of `apply` is a function
#   --> t.dlm:10:16
#    |
#  2 | fn apply(x: f[..], g: fn) = g(x)
#    |                    ----- declared here
# ...
# 10 |   y = apply(x, [relu])
#    |                ^^^^^^ this is a list
#
# error[E0212]: `steps` of `fold` is a list of functions
#   --> t.dlm:11:15
#    |
#  3 | fn fold(x: f[..], steps: fn[..]) -> y {
#    |                   ------------- declared here
# ...
# 11 |   y = fold(x, relu)
#    |               ^^^^ this is the function `relu`
#
# error[E0305]: `dense` is a layer, and a function owns no parameters
#  --> t.dlm:2:29
#   |
# 2 | fn apply(x: f[..], g: fn) = g(x)
#   |                             ^^^^
#   = help: make the function that calls it a `layer`
#
# error[E0211]: `leaky_relu` has no parameter `slop`
#   --> t.dlm:13:27
#    |
# 13 |   y = apply(x, leaky_relu(slop = 2))
#    |                           ^^^^
#    = help: did you mean `slope`?
#
# error[E0211]: `leaky_relu` takes 2 arguments
#   --> t.dlm:14:30
#    |
# 14 |   y = apply(x, leaky_relu(1, 2))
#    |                              ^ this is one more
#
# error[E0211]: `apply` needs `g`
#  --> t.dlm:2:29
#   |
# 2 | fn apply(x: f[..], g: fn) = g(x)
#   |                             ^^^^
#   |                    ----- declared here, without a default
#
# error[E0214]: `tanh` takes numbers, it is not applied along an index
#   --> t.dlm:16:10
#    |
# 16 |   y[n] = tanh[m](x[m])[n]
#    |          ^^^^^^^^^^^^^
#    = help: call it: `tanh(…)`
