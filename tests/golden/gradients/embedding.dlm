# RUN: dlc explain --stage simplified %s
# Only positions that are data stay a scatter.
fn main(table: f[10, 4], ids: i32[6]) -> dt {
  y[i, d] = table[ids[i], d]
  dt = grad(sum[i, d](y[i, d]^2), table)
}
# COUNT: scatter 2
# COUNT: to 1
