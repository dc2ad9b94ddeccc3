fn main(x: f[2, 3]) = reshape(x, [4, 2])
# EXPECT
# error[E0217]: f[2, 3] has 6 elements, the new shape 8
#  --> t.dlm:1:34
#   |
# 1 | fn main(x: f[2, 3]) = reshape(x, [4, 2])
#   |                                  ^^^^^^
#   |                               - this is f[2, 3]
