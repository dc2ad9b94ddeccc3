fn main(x: f[4]) -> y {
  y = x
  for i in x { y = y + 1 }
  for k in 0..2.5 { y = y + 1 }
}
# EXPECT
# error[E0302]: a `for` runs over a range `0..n` or a list
#  --> t.dlm:3:12
#   |
# 3 |   for i in x { y = y + 1 }
#   |            ^ this is f[4]
#
# error[E0301]: the end of a `for` is the number 2.5, not a whole number
#  --> t.dlm:4:15
#   |
# 4 |   for k in 0..2.5 { y = y + 1 }
#   |               ^^^
#   = help: `/` is real division; write `//` to divide sizes
