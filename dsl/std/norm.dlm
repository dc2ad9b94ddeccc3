# Normalisation of activations, and of weights.
import "reduce"

## Mean and variance of each channel over the batch and all positions (Ioffe & Szegedy 2015, algorithm 1).  [N, C, ..S] -> [C], [C].
##
##     m, v = channel_moments([[[1.0, 3.0], [5.0, 5.0]]])
##     m == [2.0, 5.0]
##     v == [1.0, 0.0]
fn channel_moments(x: f[N, C, ..S]) -> m, v {
  m[c] = mean[n, ..s](x[n, c, ..s])
  v[c] = mean[n, ..s]((x[n, c, ..s] - m[c])^2)
}

## (x - m) / sqrt(v + eps) * gain + shift for each channel (Ioffe & Szegedy 2015, algorithm 1).  [N, C, ..S], [C], [C] -> [N, C, ..S].
##
##     standardize([[1.0, 10.0]], [2.0, 8.0], [1.0, 4.0], eps = 0) == [[-1.0, 1.0]]
fn standardize(x: f[N, C, ..S], m: f[C], v: f[C], gain: f[C] = 1, shift: f[C] = 0, eps: float = 1e-5) -> y {
  y[n, c, ..s] = (x[n, c, ..s] - m[c]) * rsqrt(v[c] + eps) * gain[c] + shift[c]
}

## Each row to mean 0 and variance 1, then scaled and shifted (Ba et al. 2016).  [.., K] -> [.., K].
##
##     normalize_layer([[1.0, 3.0], [10.0, 30.0]], eps = 0) ≈ [[-1.0, 1.0], [-1.0, 1.0]]
fn normalize_layer(x: f[.., K], gain: f[K] = 1, shift: f[K] = 0, eps: float = 1e-5) -> y {
  m[..] = mean[k](x[.., k])
  v[..] = mean[k]((x[.., k] - m[..])^2)
  y[.., k] = (x[.., k] - m[..]) * rsqrt(v[..] + eps) * gain[k] + shift[k]
}

## Each row divided by its root mean square, then scaled (Zhang & Sennrich 2019).  [.., K] -> [.., K].
##
##     normalize_rms([1.0, 7.0], eps = 0) ≈ [0.2, 1.4]
fn normalize_rms(x: f[.., K], gain: f[K] = 1, eps: float = 1e-5) -> y {
  square[..] = mean[k](x[.., k]^2)
  y[.., k] = x[.., k] * rsqrt(square[..] + eps) * gain[k]
}

## Each group of channels of each example to mean 0 and variance 1 (Wu & He 2018).  With a group for each channel it is instance
## normalisation (Ulyanov et al. 2016).  [N, groups * M, ..S] -> the same.
##
##     normalize_groups([[1.0, 3.0, 10.0, 30.0]], groups = 2, eps = 0) ≈ [[-1.0, 1.0, -1.0, 1.0]]
fn normalize_groups(x: f[N, groups * M, ..S], gain: f[groups * M] = 1, shift: f[groups * M] = 0, groups: int,
                    eps: float = 1e-5) -> y {
  m[n, g < groups] = mean[c < M, ..s](x[n, g * M + c, ..s])
  v[n, g] = mean[c < M, ..s]((x[n, g * M + c, ..s] - m[n, g])^2)
  y[n, g * M + c, ..s | c < M] =
      (x[n, g * M + c, ..s] - m[n, g]) * rsqrt(v[n, g] + eps) * gain[g * M + c] + shift[g * M + c]
}

## Each channel divided by (k + alpha * sum of the squares of the `size` channels around it)^beta (Krizhevsky et al. 2012, section 3.3).
## [N, C, ..S] -> the same.
##
##     y = normalize_local_response([[3.0, 4.0]], size = 3, alpha = 1, beta = 0.5, k = 0)
##     y ≈ [[0.6, 0.8]]
fn normalize_local_response(x: f[N, C, ..S], size: int = 5, alpha: float = 1e-4, beta: float = 0.75,
                            k: float = 2) -> y {
  square[n, c < C, ..s] = sum[j < size](x[n, c + j - size // 2, ..s else 0]^2)
  y = x * (k + alpha * square)^-beta
}

## Weights of length `gain` along `direction`, for each unit (Salimans & Kingma 2016, equation 2).  [U, ..K], [U] -> [U, ..K].
##
##     normalize_weight([[3.0, 4.0]], [10.0]) ≈ [[6.0, 8.0]]
fn normalize_weight(direction: f[U, ..K], gain: f[U]) -> w {
  square[u] = sum[..k](direction[u, ..k]^2)
  w[u, ..k] = direction[u, ..k] * rsqrt(square[u]) * gain[u]
}

## A step of the power iteration for the largest singular value of w as a matrix [U, product of K], from its left vector `u`: the next left
## vector, of length 1, and the value (Miyato et al. 2018, algorithm 1).  Gradients take the vectors for constants, which is exact once they
## are singular.
##
##     left, value = power_iteration([[2.0, 0.0], [0.0, 1.0]], [1.0, 0.0])
##     value == 2.0
fn power_iteration(w: f[U, ..K], u: f[U]) -> left, value {
  m     = reshape(w, [U, -1])
  v[k]  = sum[i](m[i, k] * u[i])
  right = stop_gradient(normalize(v))
  z[i]  = sum[k](m[i, k] * right[k])
  left  = stop_gradient(normalize(z))
  value = sum(left * z)
}
