fn heads(x: f[N, 4 * D]) -> y { y[n, d < D] = x[n, d] }
fn main(x: f[2, 6]) = heads(x)
# EXPECT
# error[E0209]: `4 * D` is 6 here: no size `D` makes it so
#  --> t.dlm:2:29
#   |
# 1 | fn heads(x: f[N, 4 * D]) -> y { y[n, d < D] = x[n, d] }
#   |                  ----- declared here
# 2 | fn main(x: f[2, 6]) = heads(x)
#   |                             ^ `x` is f[2, 6]; 6 is not a multiple of 4
