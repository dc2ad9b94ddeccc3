fn add(a: f[N, ..S], b: f[N, ..S]) -> y { y[n, ..s] = a[n, ..s] + b[n, ..s] }
fn main(a: f[2, 3, 4], b: f[2, 3, 5]) = add(a, b)
# EXPECT
# error[E0209]: `..S` is [3, 4] and [3, 5]
#  --> t.dlm:2:48
#   |
# 2 | fn main(a: f[2, 3, 4], b: f[2, 3, 5]) = add(a, b)
#   |                                                ^ `b` is f[2, 3, 5]
#   |                                             - `a` is f[2, 3, 4]
