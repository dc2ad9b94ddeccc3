# What nothing uses is looked over all the same.
fn names(x: f[K], m: int = n) -> y {
  z[i] = x[j]
  y = xx + sofmax(z)
}
fn arguments(x: f[K, heads]) = leaky_relu(x, slop = 0.1) + relu(x, x) + exp(x, x) + softmax()
layer result(x: f[K]) {
  param w: f[K] ~ glorot(fan_in = 1)
  z = x * w
}
fn defines(x: f[K]) -> y, z { y = x }
init drawn(n: int) = unifrm(0, n)
optimizer step(lr: float = 1) { w <- w - lr * gg }
fn later(x: f) = x with adjoint { x = d_y }
# EXPECT
# error[E0201]: unknown name `n`
#  --> t.dlm:2:28
#   |
# 2 | fn names(x: f[K], m: int = n) -> y {
#   |                            ^
#
# error[E0201]: unknown name `j`
#  --> t.dlm:3:12
#   |
# 3 |   z[i] = x[j]
#   |            ^
#   = help: every index on the right comes from the left or from a reduction
#
# error[E0201]: unknown name `xx`
#  --> t.dlm:4:7
#   |
# 4 |   y = xx + sofmax(z)
#   |       ^^
#   = help: did you mean `x`?
#
# error[E0202]: unknown function `sofmax`
#  --> t.dlm:4:12
#   |
# 4 |   y = xx + sofmax(z)
#   |            ^^^^^^
#   = help: did you mean `softmax`?
#
# error[E0201]: unknown name `heads` in a type
#  --> t.dlm:6:22
#   |
# 6 | fn arguments(x: f[K, heads]) = leaky_relu(x, slop = 0.1) + relu(x, x) + exp(x, x) + softmax()
#   |                      ^^^^^
#   = help: sizes begin with a capital letter; a lower-case name is a static parameter
#
# error[E0211]: `leaky_relu` has no parameter `slop`
#  --> t.dlm:6:46
#   |
# 6 | fn arguments(x: f[K, heads]) = leaky_relu(x, slop = 0.1) + relu(x, x) + exp(x, x) + softmax()
#   |                                              ^^^^
#   = help: did you mean `slope`?
#
# error[E0211]: `relu` takes 1 argument
#  --> t.dlm:6:68
#   |
# 6 | fn arguments(x: f[K, heads]) = leaky_relu(x, slop = 0.1) + relu(x, x) + exp(x, x) + softmax()
#   |                                                                    ^ this is one more
#
# error[E0211]: `exp` takes 1 number
#  --> t.dlm:6:73
#   |
# 6 | fn arguments(x: f[K, heads]) = leaky_relu(x, slop = 0.1) + relu(x, x) + exp(x, x) + softmax()
#   |                                                                         ^^^^^^^^^
#
# error[E0211]: `softmax` needs `x`
#   --> t.dlm:6:85
#    |
#  6 | fn arguments(x: f[K, heads]) = leaky_relu(x, slop = 0.1) + relu(x, x) + exp(x, x) + softmax()
#    |                                                                                     ^^^^^^^^^
#   ::: dsl/std/reduce.dlm:15:12
#    |
# 15 | fn softmax(x: f[.., K]) -> y {
#    |            ----------- declared here, without a default
#
# error[E0202]: unknown initializer `glorot`
#  --> t.dlm:8:19
#   |
# 8 |   param w: f[K] ~ glorot(fan_in = 1)
#   |                   ^^^^^^
#
# error[E0306]: `result` has no result
#  --> t.dlm:7:7
#   |
# 7 | layer result(x: f[K]) {
#   |       ^^^^^^
#   = help: end it with `return`, or name its result: `-> y`
#
# error[E0306]: `defines` gives `z`, which it never defines
#   --> t.dlm:11:27
#    |
# 11 | fn defines(x: f[K]) -> y, z { y = x }
#    |                           ^
#
# error[E0202]: unknown function `unifrm`
#   --> t.dlm:12:22
#    |
# 12 | init drawn(n: int) = unifrm(0, n)
#    |                      ^^^^^^
#    = help: did you mean `uniform`?
#
# error[E0201]: unknown name `gg`
#   --> t.dlm:13:47
#    |
# 13 | optimizer step(lr: float = 1) { w <- w - lr * gg }
#    |                                               ^^
#    = help: did you mean `g`?
#
# error[E0201]: unknown name `d_y`
#   --> t.dlm:14:39
#    |
# 14 | fn later(x: f) = x with adjoint { x = d_y }
#    |                                       ^^^
