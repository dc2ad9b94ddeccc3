# Pooling and its inverses in any number of dimensions.  `kernel`, `stride`, `pad`, `dilation` are one number or a list, one per axis.

## How often a window fits into an axis of `size` with `pad` elements before it and behind it.
fn _windows(size: int, kernel: int, stride: int, pad: int, dilation: int = 1) {
  assert kernel >= 1 and stride >= 1 and dilation >= 1, "kernel, stride and dilation are 1 or more"
  assert 0 <= pad and pad <= dilation * (kernel - 1), "a window reaches into the axis, whatever the padding"
  assert size + 2 * pad > dilation * (kernel - 1), "a window is longer than the axis with its padding"
  return (size + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1
}

## Largest of each window; a window may hang over the edge, the padding never wins (Goodfellow et al., section 9.3).  [N, C, ..X] -> [N, C,
## ..windows].
##
##     max_pool([[[1.0, 3.0, 2.0, 0.0]]], 2) == [[[3.0, 2.0]]]
##     shape(max_pool(zeros([8, 16, 28, 28]), 3, stride = 2, pad = 1)) == [8, 16, 14, 14]
fn max_pool(x: f[N, C, ..X], kernel: int[..], stride: int[..] = kernel, pad: int[..] = 0, dilation: int[..] = 1) -> y {
  y[n, c, ..i < _windows(X, kernel, stride, pad, dilation)] =
      max[..k < kernel](x[n, c, ..(i * stride + k * dilation - pad) else -inf])
}

## Mean of each window (Goodfellow et al., section 9.3).  `inside` counts only the elements that exist; otherwise the padding counts as
## zeros.  [N, C, ..X] -> [N, C, ..windows].
##
##     avg_pool([[[1.0, 3.0, 2.0, 0.0]]], 2) == [[[2.0, 1.0]]]
fn avg_pool(x: f[N, C, ..X], kernel: int[..], stride: int[..] = kernel, pad: int[..] = 0, inside: bool = false) {
  if inside {
    y[n, c, ..i < _windows(X, kernel, stride, pad)] =
        mean[..k < kernel | ..(0 <= i * stride + k - pad and i * stride + k - pad < X)](
            x[n, c, ..(i * stride + k - pad)])
    return y
  }
  y[n, c, ..i < _windows(X, kernel, stride, pad)] = mean[..k < kernel](x[n, c, ..(i * stride + k - pad) else 0])
  return y
}

## (sum |x|^p)^(1/p) of each window, p >= 1; the L² norm with p = 2 (Goodfellow et al., section 9.3).  Windows are scaled by their largest
## element, so that no power overflows, and the gradient at a window of zeros is 0.  [N, C, ..X] -> [N, C, ..windows].
##
##     lp_pool([[[3.0, -4.0, 1.0, 0.0]]], 2) ≈ [[[5.0, 1.0]]]
fn lp_pool(x: f[N, C, ..X], kernel: int[..], stride: int[..] = kernel, pad: int[..] = 0, p: float = 2) -> y {
  assert p >= 1, "p is 1 or more"
  largest[n, c, ..i < _windows(X, kernel, stride, pad)] =
      max[..k < kernel](abs(x[n, c, ..(i * stride + k - pad) else 0]))
  scale = stop_gradient(if largest > 0 then largest else 1)
  total[n, c, ..i] = sum[..k < kernel]((abs(x[n, c, ..(i * stride + k - pad) else 0]) / scale[n, c, ..i])^p)
  y = scale * (if total > 0 then total^(1 / p) else 0)
}

## The longest window of `adaptive_avg_pool` along an axis.
fn _longest(from: int, to: int) = if from % to == 0 then from // to else (from + to - 1) // to + 1

## Means of windows that share the space evenly (He et al. 2014), `size` along each axis: window i covers floor(i X / size) to ceil((i + 1)
## X / size).  [N, C, ..X] -> [N, C, size].
##
##     adaptive_avg_pool([[[1.0, 2.0, 6.0]]], 2) == [[[1.5, 4.0]]]
fn adaptive_avg_pool(x: f[N, C, ..X], size: int[..]) -> y {
  y[n, c, ..i < size] =
      mean[..k < _longest(X, size) | ..(i * X // size + k < ((i + 1) * X + size - 1) // size)](
          x[n, c, ..(i * X // size + k) else 0])
}

## Largest of the windows of `adaptive_avg_pool`.  [N, C, ..X] -> [N, C, size].
##
##     adaptive_max_pool([[[1.0, 2.0, 6.0]]], 2) == [[[2.0, 6.0]]]
fn adaptive_max_pool(x: f[N, C, ..X], size: int[..]) -> y {
  y[n, c, ..i < size] =
      max[..k < _longest(X, size) | ..(i * X // size + k < ((i + 1) * X + size - 1) // size)](
          x[n, c, ..(i * X // size + k) else -inf])
}

## Mean over all positions.  [N, C, ..X] -> [N, C] (Lin et al. 2014).
##
##     global_avg_pool([[[1.0, 3.0], [5.0, 5.0]]]) == [[2.0, 5.0]]
fn global_avg_pool(x: f[N, C, ..X]) -> y {
  y[n, c] = mean[..i](x[n, c, ..i])
}

## Largest over all positions.  [N, C, ..X] -> [N, C].
##
##     global_max_pool([[[1.0, 3.0], [5.0, 5.0]]]) == [[3.0, 5.0]]
fn global_max_pool(x: f[N, C, ..X]) -> y {
  y[n, c] = max[..i](x[n, c, ..i])
}

## (sum |x|^p)^(1/p) over all positions.  [N, C, ..X] -> [N, C].
##
##     global_lp_pool([[[3.0, 4.0], [0.0, 5.0]]]) ≈ [[5.0, 5.0]]
fn global_lp_pool(x: f[N, C, ..X], p: float = 2) -> y {
  z = lp_pool(x, X, p = p)
  y = reshape(z, [N, C])
}

## Largest of each group of `pieces` neighbouring channels, so that one unit may learn an invariance (Goodfellow et al., figure 9.9).
## [N, C * pieces, ..X] -> [N, C, ..X].
##
##     channel_max_pool([[1.0, 3.0, 5.0, 2.0]], pieces = 2) == [[3.0, 5.0]]
fn channel_max_pool(x: f[N, C * pieces, ..X], pieces: int) -> y {
  y[n, c < C, ..i] = max[p < pieces](x[n, c * pieces + p, ..i])
}

## Positions of a tensor of the given sizes, 0 to their product, in the order of its elements.
fn _places(size: int[..]) -> y {
  place[i < prod(size)] = i
  y = reshape(place, size)
}

## Where `max_pool` found each maximum, the switches of Zeiler & Fergus (2014): its position among the elements of its channel, the first of
## them on ties.  [N, C, ..X] -> i64[N, C, ..windows].
##
##     max_positions([[[1.0, 3.0, 2.0, 0.0]]], 2) == [[[1, 2]]]
fn max_positions(x: f[N, C, ..X], kernel: int[..], stride: int[..] = kernel, pad: int[..] = 0) -> y {
  largest = max_pool(x, kernel, stride, pad)
  place = _places(X)
  y[n, c, ..i] = min[..k < kernel](
      if x[n, c, ..(i * stride + k - pad) else -inf] < largest[n, c, ..i] then prod(X)
      else place[..(i * stride + k - pad) else prod(X)])
}

## Max-unpooling (Zeiler & Fergus 2014): every value goes where `max_positions` of the same windows says, 0 elsewhere; `size` is the list of
## sizes that were pooled.  Values that share a position, as those of overlapping windows may, add.  [N, C, ..windows] -> [N, C, size].
##
##     max_unpool([[[3.0, 2.0]]], [[[1, 2]]], [4], kernel = 2) == [[[0.0, 3.0, 2.0, 0.0]]]
fn max_unpool(x: f[N, C, ..Y], positions: i64[N, C, ..Y], size: int[..], kernel: int[..], stride: int[..] = kernel,
              pad: int[..] = 0) -> y {
  place = _places(size)
  y[n, c, ..j < size] = sum[..k < kernel | ..((j + pad - k) % stride == 0)](
      if positions[n, c, ..((j + pad - k) // stride) else -1] == place[..j] then x[n, c, ..((j + pad - k) // stride)
                                                                                   else 0] else 0)
}

## Average unpooling, or nearest-neighbour upsampling: each element `scale` times along each axis.  [N, C, ..X] -> [N, C, ..(X * scale)].
##
##     upsample([[[1.0, 2.0]]], 2) == [[[1.0, 1.0, 2.0, 2.0]]]
fn upsample(x: f[N, C, ..X], scale: int[..]) -> y {
  y[n, c, ..i < X * scale] = x[n, c, ..(i // scale)]
}

## Stochastic pooling as it predicts: the mean of each window weighted by its positive activations, sum a² / sum a; 0 where there are none
## (Zeiler & Fergus 2013, equation 6).  [N, C, ..X] -> [N, C, ..windows].
##
##     expected_pool([[[1.0, 3.0, -1.0, 0.0]]], 2) == [[[2.5, 0.0]]]
fn expected_pool(x: f[N, C, ..X], kernel: int[..], stride: int[..] = kernel, pad: int[..] = 0) -> y {
  a = max(x, 0)
  total[n, c, ..i < _windows(X, kernel, stride, pad)] = sum[..k < kernel](a[n, c, ..(i * stride + k - pad) else 0])
  square[n, c, ..i < _windows(X, kernel, stride, pad)] =
      sum[..k < kernel](a[n, c, ..(i * stride + k - pad) else 0]^2)
  y = if total > 0 then square / total else 0
}

## Stochastic pooling as it trains: one element of each window, drawn with probability a / sum a of its positive activation a; 0 where there
## are none (Zeiler & Fergus 2013, equations 4 and 5).  Of exponential waiting times with rates a, the shortest belongs to an element with
## just that probability.  [N, C, ..X] -> [N, C, ..windows].
##
##     sampled_pool([[[0.0, 3.0, 2.0, -1.0]]], 2) == [[[3.0, 2.0]]]
fn sampled_pool(x: f[N, C, ..X], kernel: int[..], stride: int[..] = kernel, pad: int[..] = 0) -> y {
  a = max(x, 0)
  # The windows side by side: element k of window i is at i * kernel + k of each axis.
  rate[n, c, ..j < _windows(X, kernel, stride, pad) * kernel] =
      stop_gradient(a)[n, c, ..(j // kernel * stride + j % kernel - pad) else 0]
  wait = if rate > 0 then -log1p(-uniform(0, 1, shape(rate))) / rate else inf
  place = _places(X)
  shortest = -max_pool(-wait, kernel)
  drawn[n, c, ..i < _windows(X, kernel, stride, pad)] = min[..k < kernel](
      if wait[n, c, ..(i * kernel + k)] > shortest[n, c, ..i] then prod(X)
      else place[..(i * stride + k - pad) else prod(X)])
  y[n, c, ..i < _windows(X, kernel, stride, pad)] = sum[..k < kernel](
      if drawn[n, c, ..i] == place[..(i * stride + k - pad) else -1] then a[n, c, ..(i * stride + k - pad) else 0]
      else 0)
}
