fn product(x: f[N], y: f[N]) = x * y
with adjoint { x = d_result * y }
fn total(x: f[N]) = sum(x)
with adjoint { x = d_result }
fn both(x: f[N]) {
  return x, 2 * x
} with adjoint { x = zeros(shape(x)) }
fn lost(x: f[N]) = x
with adjoint { return d_result }
fn taken(x: f[N], at: i64) = x[at]
with adjoint { x = zeros(shape(x))  at = 0 }
fn main(x: f[2], at: i64) -> a {
  a = product(x, x)
  c = total(x)
  d, e = both(x)
  f = lost(x)
  g = taken(x, at)
}
# EXPECT
# error[E0308]: the adjoint of `y` is missing
#  --> t.dlm:2:14
#   |
# 1 | fn product(x: f[N], y: f[N]) = x * y
#   |                     - this has a derivative
# 2 | with adjoint { x = d_result * y }
#   |              ^^^^^^^^^^^^^^^^^^^^
#   = help: `y = zeros(shape(y))` says that nothing flows to it
#
# error[E0308]: the adjoint of `x` has the shape of `x`
#  --> t.dlm:4:14
#   |
# 3 | fn total(x: f[N]) = sum(x)
#   |          - this is f[2]
# 4 | with adjoint { x = d_result }
#   |              ^^^^^^^^^^^^^^^^ this is f
#
# error[E0308]: a function with several results and an adjoint names them
#  --> t.dlm:5:4
#   |
# 5 | fn both(x: f[N]) {
#   |    ^^^^
#   = help: as in `-> y, z`: their adjoints are `d_y` and `d_z`
#
# error[E0305]: `return` does not belong in an adjoint
#  --> t.dlm:9:14
#   |
# 9 | with adjoint { return d_result }
#   |              ^^^^^^^^^^^^^^^^^^^
#   = help: give each argument its adjoint by its name: `x = …`
#
# error[E0308]: `at` has no adjoint: it is no real tensor
#   --> t.dlm:11:14
#    |
# 10 | fn taken(x: f[N], at: i64) = x[at]
#    |                   --
# 11 | with adjoint { x = zeros(shape(x))  at = 0 }
#    |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
