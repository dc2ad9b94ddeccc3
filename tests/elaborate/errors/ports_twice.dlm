fn twice(x: f, x: f) -> y, y {
  y = x
}
optimizer still(lr: float, lr: float) { w <- w }
model M {
  input x: f[4]
  target x: f[4]
  output y = x
  if training { output z = x } else { output z = 2 * x }
  metric y = sum(x)
}
fn main(x: f[4]) = x
# EXPECT
# error[E0112]: `x` is declared twice
#  --> t.dlm:1:16
#   |
# 1 | fn twice(x: f, x: f) -> y, y {
#   |                ^
#   |          - first here
#
# error[E0112]: `y` is declared twice
#  --> t.dlm:1:28
#   |
# 1 | fn twice(x: f, x: f) -> y, y {
#   |                            ^
#   |                         - first here
#
# error[E0112]: `lr` is declared twice
#  --> t.dlm:4:28
#   |
# 4 | optimizer still(lr: float, lr: float) { w <- w }
#   |                            ^^
#   |                 -- first here
#
# error[E0112]: `x` is declared twice
#  --> t.dlm:7:10
#   |
# 6 |   input x: f[4]
#   |         - first here
# 7 |   target x: f[4]
#   |          ^
#
# error[E0112]: `y` is declared twice
#   --> t.dlm:10:10
#    |
#  8 |   output y = x
#    |          - first here
# ...
# 10 |   metric y = sum(x)
#    |          ^
