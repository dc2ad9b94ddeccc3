# RUN: dlc explain --stage kernels %s
# Each value is the one beside it and one term more.
fn main(x: f[64, 100]) -> y { y[i, k < 100] = max[j | j <= k](x[i, j]) }
# COUNT: prefix max 1
# COUNT: 1 kernel calls 1
