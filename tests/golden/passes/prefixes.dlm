# RUN: dlc explain --stage simplified %s
# Sums that differ in where they stop are one running sum, looked up; what does not follow k is summed first.  The adjoint runs from
# the end.  A window stays what it is, and so does a sum whose terms depend on where it stops.
fn main(x: f[64, 100], w: f[100, 8], a: f[100, 100]) -> y, before, wide, both, dx, window, causal {
  y[n, k < 100] = sum[j | j <= k](x[n, j])
  before[n, k < 100] = sum[j | j < k](x[n, j])
  wide[n, k < 40] = sum[j | j <= 2 * k + 30](x[n, j])
  both[n, k < 100] = sum[j, c | j >= k](x[n, j] * w[j, c])
  dx = grad(sum(y * y), x)
  window[n, k < 100] = sum[j | j <= k and j > k - 3](x[n, j])
  causal[n, k] = sum[j | j <= k](a[k, j] * x[n, j])
}
# HAS: f32[64, 100] sum[100](%0[i0, i2]) where i1 - i2 >= 0
# HAS: f32[64, 100] %3[i0, i1 - 1 else 0]
# HAS: %3[i0, 2*i1 + 30 else %3[i0, 99]]
# HAS: sum[8](
# HAS: where -i1 + i2 >= 0
# COUNT: prefix sum 3
# COUNT: scatter 0
