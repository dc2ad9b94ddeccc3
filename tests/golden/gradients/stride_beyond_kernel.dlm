# RUN: dlc explain --stage simplified %s
# A stride longer than the kernel leaves positions that nothing reads: their gradient is 0, the others read one place each.
fn main(x: f[14], w: f[2]) -> dx {
  y[i < 3] = sum[k](x[5 * i + k] * w[k])
  dx = grad(sum[i](y[i]^2), x)
}
# COUNT: scatter 0
# COUNT: where 0
