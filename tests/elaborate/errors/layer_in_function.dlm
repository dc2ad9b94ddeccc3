import "std/nn"
fn main(x: f[2, 4]) = dense(x, 3)
# EXPECT
# error[E0305]: `dense` is a layer, and a function owns no parameters
#  --> t.dlm:2:23
#   |
# 2 | fn main(x: f[2, 4]) = dense(x, 3)
#   |                       ^^^^^^^^^^^
#   = help: make the function that calls it a `layer`
