# RUN: dlc explain --stage simplified %s
# A scatter to affine positions is a gather: windows that overlap are a sum for each phase of the position.
fn main(x: f[5, 3]) -> y {
  y[i < 11] = 0 * i
  y[2 * i + k | i < 5, k < 3] += x[i, k]
}
# COUNT: scatter 0
# COUNT: sum 2
