# Layers that normalise: their input, or the weights of the layer that calls them.
import "std/init"
import "std/norm"

## Batch normalisation over every axis but the channels (Ioffe & Szegedy 2015; Goodfellow et al., section 8.7.1), in any number of
## dimensions.  Running moments, averages of those of the batches, are used where the model is not training.  The variance of a batch of N
## numbers divides by N, in the average too, where others divide by N - 1.
##
##     batch_norm([[1.0, 10.0], [3.0, 30.0]], eps = 0) ≈ [[-1.0, -1.0], [1.0, 1.0]]
##     shape(zeros([8, 16, 7, 7]) |> batch_norm) == [8, 16, 7, 7]
layer batch_norm(x: f[N, C, ..S], momentum: float = 0.1, eps: float = 1e-5) -> y {
  param gain:  f[C] ~ ones
  param shift: f[C] ~ zeros
  state running_mean:     f[C] = 0
  state running_variance: f[C] = 1
  m = running_mean
  v = running_variance
  if training {
    m, v = channel_moments(x)
    running_mean     <- (1 - momentum) * running_mean + momentum * stop_gradient(m)
    running_variance <- (1 - momentum) * running_variance + momentum * stop_gradient(v)
  }
  y = standardize(x, m, v, gain, shift, eps = eps)
}

## Layer normalisation over the last axis with learned gain and shift (Ba et al. 2016).  [.., K] -> [.., K].
##
##     layer_norm([[1.0, 3.0], [10.0, 30.0]], eps = 0) ≈ [[-1.0, 1.0], [-1.0, 1.0]]
layer layer_norm(x: f[.., K], eps: float = 1e-5) -> y {
  param gain:  f[K] ~ ones
  param shift: f[K] ~ zeros
  y = normalize_layer(x, gain, shift, eps = eps)
}

## Root-mean-square normalisation over the last axis with learned gain (Zhang & Sennrich 2019).  [.., K] -> [.., K].
##
##     rms_norm([1.0, 7.0], eps = 0) ≈ [0.2, 1.4]
layer rms_norm(x: f[.., K], eps: float = 1e-5) -> y {
  param gain: f[K] ~ ones
  y = normalize_rms(x, gain, eps = eps)
}

## Group normalisation (Wu & He 2018): each of `groups` groups of channels of an example.  [N, C, ..S] -> the same.
##
##     group_norm([[1.0, 3.0, 10.0, 30.0]], groups = 2, eps = 0) ≈ [[-1.0, 1.0, -1.0, 1.0]]
layer group_norm(x: f[N, C, ..S], groups: int = 32, eps: float = 1e-5) -> y {
  assert C % groups == 0, "the groups share the channels evenly"
  param gain:  f[C] ~ ones
  param shift: f[C] ~ zeros
  y = normalize_groups(x, gain, shift, groups = groups, eps = eps)
}

## Instance normalisation (Ulyanov et al. 2016): each channel of an example.  [N, C, ..S] -> the same.
##
##     instance_norm([[[1.0, 3.0], [10.0, 30.0]]], eps = 0) ≈ [[[-1.0, 1.0], [-1.0, 1.0]]]
layer instance_norm(x: f[N, C, ..S], eps: float = 1e-5) -> y {
  param gain:  f[C] ~ ones
  param shift: f[C] ~ zeros
  y = normalize_groups(x, gain, shift, groups = C, eps = eps)
}

## Weight normalisation (Salimans & Kingma 2016) of a weight that the calling layer owns: its direction is kept, the length for each unit is
## learned.  [U, ..K] -> the same.
##
##     weight_norm([[3.0, 4.0], [0.0, 7.0]]) ≈ [[0.6, 0.8], [0.0, 1.0]]
layer weight_norm(w: f[U, ..K]) -> y {
  param gain: f[U] ~ ones
  y = normalize_weight(w, gain)
}

## Spectral normalisation (Miyato et al. 2018) of a weight that the calling layer owns: w as a matrix [U, product of K] divided by its
## largest singular value, which the power iteration follows by a step in training.  [U, ..K] -> the same.
##
##     spectral_norm([[3.0, 4.0]]) ≈ [[0.6, 0.8]]
layer spectral_norm(w: f[U, ..K]) -> y {
  state left: f[U] = normal(0, 1, [U])
  next, value = power_iteration(w, left)
  if training { left <- next }
  y = w / value
}
