fn forever(n: int) = forever(n + 1)
fn main(x: f[4]) = x * forever(0)
# EXPECT
# error[E0307]: `forever` calls itself without end: 200 calls of it are open
#  --> t.dlm:1:22
#   |
# 1 | fn forever(n: int) = forever(n + 1)
#   |                      ^^^^^^^^^^^^^^
