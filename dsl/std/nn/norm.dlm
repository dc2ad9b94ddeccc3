# Layers that normalise: their input, or the weights of the layer that calls them.
import "std/init"
import "std/norm"

## Batch normalisation over every axis but the channels (Ioffe & Szegedy 2015; Goodfellow et al., section 8.7.1), in any number of
## dimensions.  Running moments are used where the model is not training.
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
layer layer_norm(x: f[.., K], eps: float = 1e-5) -> y {
  param gain:  f[K] ~ ones
  param shift: f[K] ~ zeros
  y = normalize_layer(x, gain, shift, eps = eps)
}

## Root-mean-square normalisation over the last axis with learned gain (Zhang & Sennrich 2019).  [.., K] -> [.., K].
layer rms_norm(x: f[.., K], eps: float = 1e-5) -> y {
  param gain: f[K] ~ ones
  y = normalize_rms(x, gain, eps = eps)
}

## Group normalisation (Wu & He 2018): each of `groups` groups of channels of an example.  [N, C, ..S] -> the same.
layer group_norm(x: f[N, C, ..S], groups: int = 32, eps: float = 1e-5) -> y {
  assert C % groups == 0, "the groups share the channels evenly"
  param gain:  f[C] ~ ones
  param shift: f[C] ~ zeros
  y = normalize_groups(x, gain, shift, groups = groups, eps = eps)
}

## Instance normalisation (Ulyanov et al. 2016): each channel of an example.  [N, C, ..S] -> the same.
layer instance_norm(x: f[N, C, ..S], eps: float = 1e-5) -> y {
  param gain:  f[C] ~ ones
  param shift: f[C] ~ zeros
  y = normalize_groups(x, gain, shift, groups = C, eps = eps)
}

## Weight normalisation (Salimans & Kingma 2016) of a weight that the calling layer owns: its direction is kept, the length for each unit is
## learned.  [U, ..K] -> the same.
layer weight_norm(w: f[U, ..K]) -> y {
  param gain: f[U] ~ ones
  y = normalize_weight(w, gain)
}

## Spectral normalisation (Miyato et al. 2018) of a weight that the calling layer owns: w as a matrix [U, product of K] divided by its
## largest singular value, which the power iteration follows by a step in training.  [U, ..K] -> the same.
layer spectral_norm(w: f[U, ..K]) -> y {
  state left: f[U] = normal(0, 1, [U])
  next, value = power_iteration(w, left)
  if training { left <- next }
  y = w / value
}
