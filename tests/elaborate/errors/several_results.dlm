fn two(x: f[N]) -> a, b { a = x  b = -x }
fn main(x: f[4]) {
  y = two(x)
  a, b, c = two(x)
  return a
}
# EXPECT
# error[E0215]: 2 values for one name
#  --> t.dlm:3:7
#   |
# 3 |   y = two(x)
#   |       ^^^^^^
#   |   -
#
# error[E0215]: 2 values for 3 names
#  --> t.dlm:4:13
#   |
# 4 |   a, b, c = two(x)
#   |             ^^^^^^
#   |   -
