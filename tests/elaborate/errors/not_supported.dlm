fn main(x: f) -> y {
  y = checkpoint(tanh(x))
}
# EXPECT
# error[E0399]: `checkpoint` is parsed but not compiled by this version
#  --> t.dlm:2:7
#   |
# 2 |   y = checkpoint(tanh(x))
#   |       ^^^^^^^^^^^^^^^^^^^
