# RUN: dlc explain --stage simplified %s
# A pixel shuffle takes a position apart by `//` and `%`; its gradient puts it together again and reduces nothing.
fn main(x: f[3, 2, 2, 4, 4], w: f[3, 8, 8]) -> dx {
  y[c, h < 8, v < 8] = x[c, h % 2, v % 2, h // 2, v // 2] * w[c, h, v]
  dx = grad(sum[c, h, v](y[c, h, v]), x)
}
# COUNT: scatter 0
# COUNT: sum 0
# COUNT: if 0
