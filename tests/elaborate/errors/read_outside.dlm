fn main(x: f[8]) -> y {
  y[i] = x[i + 1] - x[i]
}
# EXPECT
# error[E0204]: this reads `x` at 1..8, outside of it
#  --> t.dlm:2:12
#   |
# 2 |   y[i] = x[i + 1] - x[i]
#   |            ^^^^^ `x` has 8 elements along axis 0 (0..7)
#   = help: bound the index, or say what lies outside: `x[… else 0]`
