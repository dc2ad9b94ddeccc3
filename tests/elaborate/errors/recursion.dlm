fn forever(n: int) = forever(n + 1)
fn main(x: f[4]) = x * forever(0)
# EXPECT
# error[E0307]: `forever` calls itself more than 200 times
#  --> t.dlm:1:22
#   |
# 1 | fn forever(n: int) = forever(n + 1)
#   |                      ^^^^^^^^^^^^^^
