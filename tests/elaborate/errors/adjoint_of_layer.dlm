layer same(x: f[N]) = x
with adjoint { x = d_result }
layer main(x: f[2]) = same(x)
# EXPECT
# error[E0308]: `same` is a layer, and only a function is given an adjoint
#  --> t.dlm:2:14
#   |
# 2 | with adjoint { x = d_result }
#   |              ^^^^^^^^^^^^^^^^
#   = help: write a function of the weights, and a layer that calls it
