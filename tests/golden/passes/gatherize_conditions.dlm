# RUN: dlc explain --stage simplified %s
# A condition on indices that selects terms of a sum is solved: a transposed convolution written as a gather, which would try all
# taps to use every second, becomes a convolution for each phase.
fn main(x: f[1, 4, 8], w: f[4, 5, 3]) -> y {
  y[n, o, i < 17] = sum[c, k | (i + 1 - k) % 2 == 0](x[n, c, (i + 1 - k) // 2 else 0] * w[c, o, k])
}
# COUNT: where 0
# COUNT: sum 2
