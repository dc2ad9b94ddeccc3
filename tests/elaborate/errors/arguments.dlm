fn scale(x: f, by: float, offset: float = 0) = x * by + offset
fn main(x: f[4]) {
  a = scale(x)
  b = scale(x, 2, ofset = 1)
  c = scale(x, 1, 2, 3)
  d = scale(x, 1, by = 2)
  return a
}
# EXPECT
# error[E0211]: `scale` needs `by`
#  --> t.dlm:3:7
#   |
# 1 | fn scale(x: f, by: float, offset: float = 0) = x * by + offset
#   |                --------- declared here, without a default
# ...
# 3 |   a = scale(x)
#   |       ^^^^^^^^
#
# error[E0211]: `scale` has no parameter `ofset`
#  --> t.dlm:4:19
#   |
# 4 |   b = scale(x, 2, ofset = 1)
#   |                   ^^^^^
#   = help: did you mean `offset`?
#
# error[E0211]: `scale` takes 3 arguments
#  --> t.dlm:5:22
#   |
# 5 |   c = scale(x, 1, 2, 3)
#   |                      ^ this is one more
#
# error[E0211]: `by` is given twice
#  --> t.dlm:6:24
#   |
# 6 |   d = scale(x, 1, by = 2)
#   |                        ^
#   |                - first here
