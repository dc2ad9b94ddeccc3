fn main(x: f[4], K: int = 2) -> y {
  M = shape(x)[0] // 2
  S = shape(x)
  K = 3
  Z = 2 * x
  M = M + 1
  y = x
}
# EXPECT
# error[E0114]: `K` is the name of a size: it begins with a capital
#  --> t.dlm:4:3
#   |
# 4 |   K = 3
#   |   ^ it has a value already, and a size keeps it
#   = help: values and indices are lower-case: `k`
#
# error[E0114]: `Z` is the name of a size: it begins with a capital
#  --> t.dlm:5:3
#   |
# 5 |   Z = 2 * x
#   |   ^ this is f[4]
#   = help: values and indices are lower-case: `z`
#
# error[E0114]: `M` is the name of a size: it begins with a capital
#  --> t.dlm:6:3
#   |
# 6 |   M = M + 1
#   |   ^ it has a value already, and a size keeps it
#   = help: values and indices are lower-case: `m`
