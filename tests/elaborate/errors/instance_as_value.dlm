import "std/nn"
layer main(x: f[2, 4]) -> y {
  shared net = dense(4)
  y = net + x
}
# EXPECT
# error[E0212]: a number or a tensor is needed
#  --> t.dlm:4:7
#   |
# 4 |   y = net + x
#   |       ^^^ this is the shared layer `dense`
