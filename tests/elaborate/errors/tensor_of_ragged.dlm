fn main(x: f[2]) = x + [[1.0, 2.0], [3.0]]
# EXPECT
# error[E0212]: the entries of this list are of different shapes, so it is no tensor
#  --> t.dlm:1:24
#   |
# 1 | fn main(x: f[2]) = x + [[1.0, 2.0], [3.0]]
#   |                        ^^^^^^^^^^^^^^^^^^^
