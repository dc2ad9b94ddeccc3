# RUN: dlc explain --stage simplified %s
# The mean over a window that counts only what lies inside: its gradient is a sum over the windows at a position.
fn main(x: f[2, 9], g: f[2, 5]) -> dx {
  y[c < 2, i < 5] = mean[k < 3 | 2 * i + k >= 1, 2 * i + k < 10](x[c, 2 * i + k - 1])
  dx = grad(sum[c, i](y[c, i] * g[c, i]), x)
}
# COUNT: scatter 0
# COUNT: mod 2
