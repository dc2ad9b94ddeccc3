fn main(x: f[4]) -> y { y[i] = x[i / 2] + x[i] }
# EXPECT
# error[E0301]: an index must be an integer
#  --> t.dlm:1:34
#   |
# 1 | fn main(x: f[4]) -> y { y[i] = x[i / 2] + x[i] }
#   |                                  ^^^^^ this is one f
#   = help: convert it: `i64(…)`; `/` is real division, `//` divides integers
