# RUN: dlc explain --stage kernels %s
# The reduced index is not the last in memory.
fn main(x: f[100, 64]) -> y { y[j] = sum[i](exp(x[i, j])) }
# COUNT: reduce columns 1
# COUNT: 1 kernel calls 1
