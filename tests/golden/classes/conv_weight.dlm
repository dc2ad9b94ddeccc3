# RUN: dlc explain --stage kernels %s
# The sum runs over the long window: the gradient of a convolution by its weight.
fn main(x: f[4, 8, 34], d: f[4, 16, 32]) -> dw { dw[o, c, k < 3] = sum[n, i](d[n, o, i] * x[n, c, i + k]) }
# COUNT: conv weight gradient 1
# COUNT: 1 kernel calls 1
