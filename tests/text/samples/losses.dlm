# Losses and reductions: index equations, conditions, packs, reads beyond the edge.
import "std/scalar"

## log sum exp over the last axis.
fn lse(x: f[.., K]) -> y {
  m[..] = max[k](x[.., k])
  y[..] = m[..] + log(sum[k](exp(x[.., k] - m[..])))
}
fn nll(z: f[.., K], label: i64[..]) -> y {
  y[..] = lse(z)[..] - z[.., label[..]]
}
## Mean of each window of any number of dimensions; the padding does not count.
fn inner_mean(x: f[N, C, ..X], kernel: int[..], stride: int[..] = kernel, pad: int[..] = 0) -> y {
  y[n, c, ..i < (X + 2 * pad - kernel) // stride + 1] =
      mean[..k < kernel | ..(0 <= i * stride + k - pad and i * stride + k - pad < X)](
          x[n, c, ..(i * stride + k - pad)])
}
fn prefix_sums(x: f[N, T]) -> y {
  y[n, t] = sum[j | j <= t](x[n, j])
}
fn join(x: f[N, H, T, D]) -> y {
  y[n, t, h * D + d, 0 | d < D] = x[n, h, t, d]
}
fn histogram(bin: i32[E], weight: f[E], bins: int) -> y, top {
  y = zeros([bins])
  y[bin[e]] += weight[e]
  top = zeros([bins])
  top[bin[e]] max= weight[e]
}
fn views(x: f[T, N]) = x[1] + x[0, :] * x[1:6, 2:][0] - x[::2, :3:1][0]^2
