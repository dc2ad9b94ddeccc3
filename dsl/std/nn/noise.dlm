# Layers that disturb what they are given while the model trains, and are the identity otherwise.  The random numbers are a function of
# seed, step and position, so the backward pass recomputes them instead of storing them.

## Inverted dropout: elements are 0 with probability `p`, the others are divided by 1 - p (Srivastava et al. 2014; Goodfellow et al.,
## section 7.12).  [..] -> the same.
##
##     y = ones([8, 100]) |> dropout(0.5)
##     y == 0 or y == 2
layer dropout(x: f[..], p: float = 0.5) -> y {
  assert p >= 0 and p < 1, "`p`, the share that is dropped, is at least 0 and below 1"
  y = if training and p > 0 then x * bernoulli(1 - p, shape(x)) / (1 - p) else x
}

## Dropout of whole channels (Tompson et al. 2015).  [N, C, ..S] -> the same.
##
##     y = ones([8, 3, 4]) |> spatial_dropout(0.5)
##     y[:, :, 0] == y[:, :, 3]
layer spatial_dropout(x: f[N, C, ..S], p: float = 0.5) -> y {
  assert p >= 0 and p < 1, "`p`, the share that is dropped, is at least 0 and below 1"
  y = x
  if training {
    keep = bernoulli(1 - p, [N, C])
    y[n, c, ..s] = x[n, c, ..s] * keep[n, c] / (1 - p)
  }
}

## Dropout of whole examples: in a residual branch, stochastic depth (Huang et al. 2016).  [N, ..S] -> the same.
##
##     y = ones([8, 16]) |> drop_path(0.5)
##     y == 0 or y == 2
layer drop_path(x: f[N, ..S], p: float = 0.1) -> y {
  assert p >= 0 and p < 1, "`p`, the share that is dropped, is at least 0 and below 1"
  y = x
  if training {
    keep = bernoulli(1 - p, [N])
    y[n, ..s] = x[n, ..s] * keep[n] / (1 - p)
  }
}

## Dropout for `selu`: what it drops takes selu's lowest value, and an affine map restores mean 0 and variance 1 (Klambauer et al. 2017).
## [..] -> the same.
##
##     shape(zeros([8, 16]) |> alpha_dropout(0.1)) == [8, 16]
##     alpha_dropout([1.0, -1.0], 0) == [1.0, -1.0]
layer alpha_dropout(x: f[..], p: float = 0.5) -> y {
  assert p >= 0 and p < 1, "`p`, the share that is dropped, is at least 0 and below 1"
  low   = -1.0507009873554804934193349852946 * 1.6732632423543772848170429916717
  scale = 1 / sqrt((1 - p) * (1 + p * low^2))
  keep  = bernoulli(1 - p, shape(x))
  y = if training then scale * (x * keep + low * (1 - keep) - p * low) else x
}

## Adds normal noise: to inputs and hidden units (Goodfellow et al., section 7.5), or to a weight before it is used.  [..] -> the same.
##
##     gaussian_noise([1.0, -1.0], sd = 0) == [1.0, -1.0]
##     shape(zeros([8, 16]) |> gaussian_noise(0.1)) == [8, 16]
layer gaussian_noise(x: f[..], sd: float = 0.1) -> y {
  y = if training then x + normal(0, sd, shape(x)) else x
}

## With probability `p` a class drawn from all `classes` in place of the label (Goodfellow et al., section 7.5.1).  [..] -> the same.
##
##     y = label_noise([3, 1, 4], classes = 10, p = 0.2)
##     0 <= y and y < 10
layer label_noise(label: i64[..], classes: int, p: float = 0.1) -> y {
  drawn = min(i64(floor(uniform(0, classes, shape(label)))), classes - 1)
  y = if training then if bernoulli(p, shape(label)) > 0 then drawn else label else label
}
