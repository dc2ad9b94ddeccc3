# Normalisation.

## Mean and variance of each channel over the batch and all positions.  [N, C, ..S] -> [C], [C].
fn channel_moments(x: f[N, C, ..S]) -> m, v {
  m[c] = mean[n, ..s](x[n, c, ..s])
  v[c] = mean[n, ..s]((x[n, c, ..s] - m[c])^2)
}
## (x - m) / sqrt(v + eps) * gain + shift for each channel.
fn standardize(x: f[N, C, ..S], m: f[C], v: f[C], gain: f[C] = 1, shift: f[C] = 0, eps: float = 1e-5) -> y {
  y[n, c, ..s] = (x[n, c, ..s] - m[c]) * rsqrt(v[c] + eps) * gain[c] + shift[c]
}
## Each row to mean 0 and variance 1, then scaled and shifted (Ba et al. 2016).  [.., K] -> [.., K].
fn layer_norm(x: f[.., K], gain: f[K] = 1, shift: f[K] = 0, eps: float = 1e-5) -> y {
  m[..] = mean[k](x[.., k])
  v[..] = mean[k]((x[.., k] - m[..])^2)
  y[.., k] = (x[.., k] - m[..]) * rsqrt(v[..] + eps) * gain[k] + shift[k]
}
## Each group of channels to mean 0 and variance 1 (Wu & He 2018).  [N, groups * M, ..S] -> the same.
fn group_norm(x: f[N, groups * M, ..S], gain: f[groups * M], shift: f[groups * M], groups: int,
              eps: float = 1e-5) -> y {
  m[n, g < groups] = mean[c < M, ..s](x[n, g * M + c, ..s])
  v[n, g] = mean[c < M, ..s]((x[n, g * M + c, ..s] - m[n, g])^2)
  y[n, g * M + c, ..s | c < M] =
      (x[n, g * M + c, ..s] - m[n, g]) * rsqrt(v[n, g] + eps) * gain[g * M + c] + shift[g * M + c]
}
