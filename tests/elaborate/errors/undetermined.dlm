fn parts(x: f[A * B]) = x
fn main(x: f[6]) = parts(x)
# EXPECT
# error[E0210]: `A * B` = 6 does not determine `A` and `B`
#  --> t.dlm:2:26
#   |
# 1 | fn parts(x: f[A * B]) = x
#   |               ----- declared here
# 2 | fn main(x: f[6]) = parts(x)
#   |                          ^ `x` is f[6]
