# Layers that normalise.
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
layer norm(x: f[.., K], eps: float = 1e-5) -> y {
  param gain:  f[K] ~ ones
  param shift: f[K] ~ zeros
  y = layer_norm(x, gain, shift, eps = eps)
}
