layer same(x: f[N]) = x
with adjoint { x = d_result }
layer main(x: f[2]) = same(x)
# EXPECT
