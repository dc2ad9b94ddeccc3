# RUN: dlc explain --stage kernels %s
# A product of two operands, summed over what both have.
fn main(a: f[16, 24], b: f[32, 24]) -> c { c[i, j] = sum[k](a[i, k] * b[j, k]) }
# COUNT: gemm 1
# COUNT: 1 kernel calls 1
