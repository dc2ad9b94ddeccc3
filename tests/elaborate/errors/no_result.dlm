fn other(x: f[4]) -> z { y = x }
fn main(x: f[4]) = other(x)
# EXPECT
# error[E0306]: `other` gives `z`, which it never defines
#  --> t.dlm:1:22
#   |
# 1 | fn other(x: f[4]) -> z { y = x }
#   |                      ^
