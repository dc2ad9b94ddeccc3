# Convolutions in any number of dimensions.  `stride`, `pad`, `after`, `dilation`, `extra` are one number or a list, one per axis.
#
# `padding` says how far the kernel may reach over the edges, where zeros are read (Goodfellow et al., section 9.5): "valid" nowhere, "same"
# so far that a stride of 1 keeps the size, "full" as long as it meets an element.  An axis of 28 under a kernel of 5 becomes 24, 28 or 32.
# Where "same" needs an odd number of zeros, the last one is behind.  A `pad` of 0 or more takes the place of `padding`: so many zeros
# before each axis, and `after` behind it.

## Zeros before an axis, for a kernel that reaches `span` elements beyond its first.
fn _before(pad: int, span: int, padding: string) {
  assert padding == "valid" or padding == "same" or padding == "full", "padding is valid, same or full"
  if pad >= 0 { return pad }
  return if padding == "full" then span else if padding == "same" then span // 2 else 0
}

## Zeros behind it.
fn _behind(after: int, span: int, padding: string) =
    if after < 0 and padding == "same" then span - span // 2 else _before(after, span, padding)

## What `conv` makes of an axis of `size`: positions of a kernel that reaches `span` = dilation * (kernel - 1) elements beyond its first.
##
##     conv_size(28, span = 4) == 24
##     conv_size(28, span = 4, stride = 2, padding = "same") == 14
fn conv_size(size: int, span: int, stride: int = 1, pad: int = -1, after: int = pad, padding: string = "valid") {
  assert stride >= 1, "the stride is 1 or more"
  padded = size + _before(pad, span, padding) + _behind(after, span, padding)
  assert padded > span, "the kernel is longer than the axis with its padding"
  return (padded - span - 1) // stride + 1
}

## Cross-correlation (Goodfellow et al., equation 9.6), which the field calls convolution.  x: [batch, channel, space],
## w: [out, in / groups, kernel] -> [batch, out, space].  The number of groups G follows from the sizes; with one for each channel it is a
## depthwise convolution.  `flip` turns the kernel around in every axis: convolution as mathematics defines it (equations 9.4 and 9.5).
##
##     conv([[[1.0, 2.0, 4.0]]], [[[1.0, -1.0]]]) == [[[-1.0, -2.0]]]
##     conv([[[1.0, 2.0, 4.0]]], [[[1.0, -1.0]]], flip = true) == [[[1.0, 2.0]]]
##     y = conv(zeros([8, 4, 28, 28]), zeros([16, 2, 5, 5]), stride = 2, padding = "same")
##     shape(y) == [8, 16, 14, 14]
fn conv(x: f[N, G * C, ..X], w: f[G * M, C, ..K], b: f[G * M] = 0,
        stride: int[..] = 1, pad: int[..] = -1, after: int[..] = pad, dilation: int[..] = 1,
        padding: string = "valid", flip: bool = false) -> y {
  assert min(dilation) >= 1, "the dilation is 1 or more"
  y[n, g * M + m, ..i < conv_size(X, dilation * (K - 1), stride, pad, after, padding) | g < G, m < M] =
      b[g * M + m] + sum[c, ..k < K](
          x[n, g * C + c, ..(i * stride + k * dilation - _before(pad, dilation * (K - 1), padding)) else 0]
          * w[g * M + m, c, ..(if flip then K - 1 - k else k)])
}

## The adjoint of `conv`, <conv(y), x> = <y, conv_transpose(x)> for the same settings (Goodfellow et al., equation 9.13).
## w: [in, out / groups, kernel].  A strided convolution gives one size for several; this is the smallest of them and `extra` elements
## more, where "same" means stride times the size of `x`.  Each output is reached by the kernel positions that hit the stride.
##
##     conv_transpose([[[1.0, 2.0]]], [[[1.0, 10.0]]], stride = 2) == [[[1.0, 10.0, 2.0, 20.0]]]
fn conv_transpose(x: f[N, groups * C, ..X], w: f[groups * C, M, ..K], b: f[groups * M] = 0,
                  stride: int[..] = 1, pad: int[..] = -1, groups: int = 1, extra: int[..] = 0,
                  after: int[..] = pad, dilation: int[..] = 1, padding: string = "valid") -> y {
  assert min(dilation) >= 1, "the dilation is 1 or more"
  y[n, g * M + m, ..i < _transposed(X, dilation * (K - 1), stride, pad, after, padding) + extra | g < groups] =
      b[g * M + m] + sum[c < C, ..k |
                         ..((i + _before(pad, dilation * (K - 1), padding) - k * dilation) % stride == 0)](
                             x[n, g * C + c,
                               ..((i + _before(pad, dilation * (K - 1), padding) - k * dilation) // stride) else 0]
                             * w[g * C + c, m, ..k])
}

## The size whose convolution has `size` positions: with "same" padding `stride` times as much, else the smallest.
fn _transposed(size: int, span: int, stride: int, pad: int, after: int, padding: string) =
    (size - 1) * stride + 1 + span - _before(pad, span, padding) - _behind(after, span, padding)
    + (if padding == "same" and pad < 0 then stride - 1 else 0)

## A convolution of each channel by itself, [G * M, 1, kernel], then one across channels, [out, G * M] (Sifre 2014, Chollet 2017).
##
##     y = separable_conv([[[1.0, 2.0, 3.0]]], [[[1.0, 1.0]]], [[10.0], [20.0]])
##     y == [[[30.0, 50.0], [60.0, 100.0]]]
fn separable_conv(x: f[N, G, ..X], depthwise: f[G * M, 1, ..K], pointwise: f[O, G * M], b: f[O] = 0,
                  stride: int[..] = 1, pad: int[..] = -1, after: int[..] = pad, dilation: int[..] = 1,
                  padding: string = "valid") -> y {
  h = conv(x, depthwise, stride = stride, pad = pad, after = after, dilation = dilation, padding = padding)
  y[n, o, ..i] = b[o] + sum[c](pointwise[o, c] * h[n, c, ..i])
}

## The kernel's part of an axis that holds one kernel for each of `tiles` positions.
fn _kernel(size: int, tiles: int) {
  assert size % tiles == 0, "the weights along an axis are one kernel for each tile"
  return size // tiles
}

## Tiled convolution (Goodfellow et al., equation 9.10): kernels and biases that repeat every T positions of an axis.
## w: [out, in, T * kernel], along each axis the kernels of the T positions one behind the other; b: [out, T].  T = 1 is `conv`.
##
##     y = tiled_conv([[[1.0, 2.0, 3.0, 4.0]]], [[[1.0, 10.0]]], [[0.0, 0.5]])
##     y == [[[1.0, 20.5, 3.0, 40.5]]]
fn tiled_conv(x: f[N, C, ..X], w: f[M, C, ..W], b: f[M, ..T],
              stride: int[..] = 1, pad: int[..] = -1, after: int[..] = pad, dilation: int[..] = 1,
              padding: string = "valid") -> y {
  assert min(dilation) >= 1, "the dilation is 1 or more"
  y[n, m, ..i < conv_size(X, dilation * (_kernel(W, T) - 1), stride, pad, after, padding)] =
      b[m, ..(i % T)] + sum[c, ..k < W // T](
          x[n, c, ..(i * stride + k * dilation - _before(pad, dilation * (W // T - 1), padding)) else 0]
          * w[m, c, ..(i % T * (W // T) + k)])
}

## Unshared convolution (Goodfellow et al., equation 9.9): each of the P positions has a kernel and a bias of its own.
## w: [out, in, P * kernel], along each axis the kernels of its positions one behind the other; b: [out, P].
##
##     y = locally_connected([[[1.0, 2.0, 3.0]]], [[[1.0, 10.0, 100.0]]], [[0.0, 0.0, 0.5]])
##     y == [[[1.0, 20.0, 300.5]]]
fn locally_connected(x: f[N, C, ..X], w: f[M, C, ..W], b: f[M, ..P],
                     stride: int[..] = 1, pad: int[..] = -1, after: int[..] = pad, dilation: int[..] = 1,
                     padding: string = "valid") -> y {
  y = tiled_conv(x, w, b, stride = stride, pad = pad, after = after, dilation = dilation, padding = padding)
  assert shape(y[0]) == shape(b), "each position has a bias of its own"
}
