# RUN: dlc explain --stage simplified %s
# What sort puts at a rank, its gradient reads there.
import "std/order"
fn main(x: f[64], v: f[64]) -> dx {
  dx = grad(sum[k](sort(x)[k] * v[k]), x)
}
# COUNT: scatter 0
