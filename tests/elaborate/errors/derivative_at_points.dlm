fn slope(y: f, x: f) -> g { g = grad(y, x) }
fn own(x: f, c: f) -> g {
  y = c * x * x
  g = grad(y, x)
}
fn main(x: f[3]) -> a {
  y = x * x
  a[i] = slope(y[i], x[i])
  b = slope(y, x)
  c[i] = own(x[i], x[i] * 2)
  d[i] = own(x[i], 2)
  return a
}
# EXPECT
# error[E0216]: this depends on what it is differentiated by outside of the function, which is applied at points and does not see that
#  --> t.dlm:1:38
#   |
# 1 | fn slope(y: f, x: f) -> g { g = grad(y, x) }
#   |                                      ^
#   = help: compute it from its arguments inside the function
#
# error[E0216]: this depends on what it is differentiated by outside of the function, which is applied at points and does not see that
#  --> t.dlm:4:12
#   |
# 4 |   g = grad(y, x)
#   |            ^
#   = help: compute it from its arguments inside the function
