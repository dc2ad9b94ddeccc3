fn main(x: f[8]) = sofmax(x)
# EXPECT
# error[E0202]: unknown function `sofmax`
#  --> t.dlm:1:20
#   |
# 1 | fn main(x: f[8]) = sofmax(x)
#   |                    ^^^^^^
#   = help: did you mean `softmax`?
