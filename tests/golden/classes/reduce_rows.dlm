# RUN: dlc explain --stage kernels %s
# The reduced index is the last in memory.
fn main(x: f[64, 100]) -> y { y[i] = max[j](x[i, j]) }
# COUNT: reduce rows 1
# COUNT: 1 kernel calls 1
