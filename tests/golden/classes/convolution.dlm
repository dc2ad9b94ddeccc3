# RUN: dlc explain --stage kernels %s
# A window of one operand, summed against the other.
fn main(x: f[2, 8, 16], w: f[16, 8, 3]) -> y { y[n, o, i < 14] = sum[c, k](x[n, c, i + k] * w[o, c, k]) }
# COUNT: conv 1
# COUNT: 1 kernel calls 1
