# RUN: dlc explain --stage kernels %s
# Any other reduction.
fn main(x: f[9, 9]) -> y { y[i, j] = sum[k | k <= i, k >= j](x[i, k] * x[k, j] * x[j, i]) }
# COUNT: loops 0
# COUNT: 1 kernel calls 1
