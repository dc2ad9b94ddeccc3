fn images(x: f[N, C, H, W]) = x
fn rows(x: f[N, ..S, K]) = x
fn main(x: f[28]) {
  a = images(x)
  b = rows(x)
  return a
}
# EXPECT
# error[E0209]: `x` has 1 dimension, `x: f[N, C, H, W]` of `images` has 4
#  --> t.dlm:4:14
#   |
# 1 | fn images(x: f[N, C, H, W]) = x
#   |           ---------------- declared here
# ...
# 4 |   a = images(x)
#   |              ^ this is f[28]
#
# error[E0209]: `x` has 1 dimension, `x: f[N, ..S, K]` of `rows` has 2 or more
#  --> t.dlm:5:12
#   |
# 2 | fn rows(x: f[N, ..S, K]) = x
#   |         --------------- declared here
# ...
# 5 |   b = rows(x)
#   |            ^ this is f[28]
