# Convolutions and pooling in any number of dimensions.  `stride`, `pad`, `dilation` are one number or a list, one per axis.

## Cross-correlation (Goodfellow et al., equation 9.6).  x: [batch, channel, space], w: [out, in / groups, kernel]; the number of groups G
## follows from the sizes.  `pad` zeros come before each axis, `after` behind it.
fn conv(x: f[N, G * C, ..X], w: f[G * M, C, ..K], b: f[G * M] = 0,
        stride: int[..] = 1, pad: int[..] = 0, after: int[..] = pad, dilation: int[..] = 1) -> y {
  y[n, g * M + m, ..i < (X + pad + after - dilation * (K - 1) - 1) // stride + 1 | g < G, m < M] =
      b[g * M + m] + sum[c, ..k](x[n, g * C + c, ..(i * stride + k * dilation - pad) else 0] * w[g * M + m, c, ..k])
}

## The adjoint of `conv`.  w: [in, out / groups, kernel].  Each output is reached by the kernel positions that hit the stride.
fn conv_transpose(x: f[N, groups * C, ..X], w: f[groups * C, M, ..K], b: f[groups * M] = 0,
                  stride: int[..] = 1, pad: int[..] = 0, groups: int = 1, extra: int[..] = 0) -> y {
  y[n, g * M + m, ..i < (X - 1) * stride + K + extra - 2 * pad | g < groups] =
      b[g * M + m] + sum[c < C, ..k | ..((i + pad - k) % stride == 0)](
          x[n, g * C + c, ..((i + pad - k) // stride) else 0] * w[g * C + c, m, ..k])
}

## Largest of each window; a window may hang over the edge, the padding never wins.
fn max_pool(x: f[N, C, ..X], kernel: int[..], stride: int[..] = kernel, pad: int[..] = 0, dilation: int[..] = 1) -> y {
  y[n, c, ..i < (X + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1] =
      max[..k < kernel](x[n, c, ..(i * stride + k * dilation - pad) else -inf])
}

## Mean of each window.  `inside` counts only the elements that exist; otherwise the padding counts as zeros.
fn avg_pool(x: f[N, C, ..X], kernel: int[..], stride: int[..] = kernel, pad: int[..] = 0, inside: bool = false) {
  if inside {
    y[n, c, ..i < (X + 2 * pad - kernel) // stride + 1] =
        mean[..k < kernel | ..(0 <= i * stride + k - pad and i * stride + k - pad < X)](
            x[n, c, ..(i * stride + k - pad)])
    return y
  }
  y[n, c, ..i < (X + 2 * pad - kernel) // stride + 1] = mean[..k < kernel](x[n, c, ..(i * stride + k - pad) else 0])
  return y
}

## Mean over all positions.  [N, C, ..X] -> [N, C] (Lin et al. 2014).
fn global_avg_pool(x: f[N, C, ..X]) -> y {
  y[n, c] = mean[..i](x[n, c, ..i])
}
## Largest over all positions.  [N, C, ..X] -> [N, C].
fn global_max_pool(x: f[N, C, ..X]) -> y {
  y[n, c] = max[..i](x[n, c, ..i])
}
