fn twice(X: f[N], Half: float = 0.5) -> Y {
  Y[i] = 2 * X[i]
}
model M {
  input Image: f[4]
  output Sum = sum(Image)
}
fn last(x: f[T]) -> y {
  for I in 0..2 { y = x[I] }
  ys = scan X in x with H = 0 {
    H = H + X
    yield H
  }
  y = ys[T - 1]
}
fn main(x: f[4]) = x
# EXPECT
# error[E0114]: `X` is the name of a size: it begins with a capital
#  --> t.dlm:1:10
#   |
# 1 | fn twice(X: f[N], Half: float = 0.5) -> Y {
#   |          ^ this is a parameter that is no size
#   = help: values and indices are lower-case: `x`
#
# error[E0114]: `Half` is the name of a size: it begins with a capital
#  --> t.dlm:1:19
#   |
# 1 | fn twice(X: f[N], Half: float = 0.5) -> Y {
#   |                   ^^^^ this is a parameter that is no size
#   = help: values and indices are lower-case: `half`
#
# error[E0114]: `Y` is the name of a size: it begins with a capital
#  --> t.dlm:1:41
#   |
# 1 | fn twice(X: f[N], Half: float = 0.5) -> Y {
#   |                                         ^ this is a result
#   = help: values and indices are lower-case: `y`
#
# error[E0114]: `Image` is the name of a size: it begins with a capital
#  --> t.dlm:5:9
#   |
# 5 |   input Image: f[4]
#   |         ^^^^^ this is a tensor
#   = help: values and indices are lower-case: `image`
#
# error[E0114]: `Sum` is the name of a size: it begins with a capital
#  --> t.dlm:6:10
#   |
# 6 |   output Sum = sum(Image)
#   |          ^^^ this is a value
#   = help: values and indices are lower-case: `sum`
#
# error[E0114]: `I` is the name of a size: it begins with a capital
#  --> t.dlm:9:7
#   |
# 9 |   for I in 0..2 { y = x[I] }
#   |       ^ this changes from turn to turn
#   = help: values and indices are lower-case: `i`
#
# error[E0114]: `X` is the name of a size: it begins with a capital
#   --> t.dlm:10:13
#    |
# 10 |   ys = scan X in x with H = 0 {
#    |             ^ this changes from step to step
#    = help: values and indices are lower-case: `x`
#
# error[E0114]: `H` is the name of a size: it begins with a capital
#   --> t.dlm:10:25
#    |
# 10 |   ys = scan X in x with H = 0 {
#    |                         ^ this changes from step to step
#    = help: values and indices are lower-case: `h`
