fn main(x: f[4]) {
  return x
  y = 2 * x
}
# EXPECT
# error[E0305]: a statement behind `return`, which is the last one of its block
#  --> t.dlm:3:3
#   |
# 2 |   return x
#   |   -------- the function ends here
# 3 |   y = 2 * x
#   |   ^^^^^^^^^
