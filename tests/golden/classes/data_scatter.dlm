# RUN: dlc explain --stage kernels %s
# Positions that are data.
fn main(x: f[8, 4], to: i32[8]) -> y {
  y[a < 5, d < 4] = 0 * a
  y[to[i], d] += x[i, d]
}
# COUNT: scatter 1
