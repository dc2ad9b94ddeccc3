fn main(x: f[4]) -> y {
  y = x
  if x[0] > 0 { y = -x }
  a = 1 // 0
  assert 1 > 2, "one is not more than two"
}
# EXPECT
# error[E0302]: the condition of an `if` statement must be known when the program is compiled
#  --> t.dlm:3:6
#   |
# 3 |   if x[0] > 0 { y = -x }
#   |      ^^^^^^^^ this is bool
#   = help: choose element by element: `if c then a else b`
#
# error[E0303]: `//` by zero
#  --> t.dlm:4:7
#   |
# 4 |   a = 1 // 0
#   |       ^^^^^^
#
# error[E0304]: one is not more than two
#  --> t.dlm:5:3
#   |
# 5 |   assert 1 > 2, "one is not more than two"
#   |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
