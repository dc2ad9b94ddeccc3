# Convolutions that commute with rotations by quarter turns and with reflections (Cohen & Welling 2016).
#
# The groups are "p4", the four rotations, and "p4m", those and their reflections.  Element 4 m + r mirrors m times, then turns r times by
# 90° counter-clockwise.  A feature map on the group, [batch, channel, element, H, W], holds for each element the response to a filter moved
# by it.  When h moves the input, map g becomes what map h⁻¹ g was, moved by h.  That is exact where the kernel's positions are symmetric,
# as they are with a stride of 1, or where the stride leaves no rest of a side.
import "conv"

## The number of elements of a group.
##
##     group_order("p4m") == 8
fn group_order(group: string) {
  assert group == "p4" or group == "p4m", "the group is p4 or p4m"
  return if group == "p4" then 4 else 8
}

## Images turned by 90° counter-clockwise, `times` times.  [.., H, W] -> [.., W, H] where `times` is odd.
##
##     rotate([[1.0, 2.0], [3.0, 4.0]]) == [[2.0, 4.0], [1.0, 3.0]]
fn rotate(x: f[.., H, W], times: int = 1) {
  if times % 4 == 0 { return x }
  y[.., i < W, j] = x[.., j, W - 1 - i]
  return rotate(y, times % 4 - 1)
}

## Images with left and right exchanged.  [.., H, W] -> the same.
##
##     mirror([[1.0, 2.0], [3.0, 4.0]]) == [[2.0, 1.0], [4.0, 3.0]]
fn mirror(x: f[.., H, W]) -> y {
  y[.., i, j < W] = x[.., i, W - 1 - j]
}

## Filters moved by every element of the group (Cohen & Welling 2016).  [.., K, K] -> [.., elements, K, K].
##
##     orbit([[1.0, 2.0], [3.0, 4.0]], "p4")[1] == [[2.0, 4.0], [1.0, 3.0]]
fn orbit(w: f[.., K, K], group: string) -> y {
  side[.., m < group_order(group) // 4, i, j] = if m == 0 then w[.., i, j] else w[.., i, K - 1 - j]
  y[.., m * 4 + r, i, j | r < 4] =
      if r == 0 then side[.., m, i, j] else if r == 1 then side[.., m, j, K - 1 - i]
      else if r == 2 then side[.., m, K - 1 - i, K - 1 - j] else side[.., m, K - 1 - j, i]
}

## From images to the group: the correlation with a filter moved by every element (Cohen & Welling 2016, equation 10).
## x: [N, C, H, W], w: [M, C, K, K], b: [M] -> [N, M, elements, H', W'].
##
##     shape(lifting_conv(zeros([1, 3, 8, 8]), zeros([16, 3, 3, 3]))) == [1, 16, 4, 6, 6]
fn lifting_conv(x: f[N, C, H, W], w: f[M, C, K, K], b: f[M] = 0, group: string = "p4", stride: int = 1,
                pad: int = -1, padding: string = "valid") -> y {
  order = group_order(group)
  moved = orbit(w, group)
  filters[m * order + g, c, i, j | g < order] = moved[m, c, g, i, j]
  y = _on_group(_symmetric(x, filters, stride, pad, padding), b, order)
}

## From the group to the group: element g correlates with the filter moved by g, whose elements it permutes too (Cohen & Welling 2016,
## equation 11).  Not `conv` with groups of channels.  x: [N, C, elements, H, W], w: [M, C, elements, K, K], b: [M]
## -> [N, M, elements, H', W'].
##
##     shape(group_conv(zeros([1, 16, 4, 6, 6]), zeros([32, 16, 4, 3, 3]))) == [1, 32, 4, 4, 4]
fn group_conv(x: f[N, C, G, H, W], w: f[M, C, G, K, K], b: f[M] = 0, group: string = "p4", stride: int = 1,
              pad: int = -1, padding: string = "valid") -> y {
  order = group_order(group)
  assert G == order, "the maps are on another group"
  moved = orbit(w, group)
  # Element g = R^r M^p sees map h = R^s M^q through filter g⁻¹ h, which is R^(s - r) M^q for p = 0 and R^(r - s) M^(1 + q) for p = 1.
  filters[m * G + p * 4 + r, c * G + q * 4 + s, i, j | m < M, p < G // 4, r < 4, c < C, q < G // 4, s < 4] =
      if p == 0 then moved[m, c, q * 4 + (s - r) % 4, r, i, j]
      else moved[m, c, (1 - q) * 4 + (r - s) % 4, 4 + r, i, j]
  channels[n, c * G + g, i, j] = x[n, c, g, i, j]
  y = _on_group(_symmetric(channels, filters, stride, pad, padding), b, order)
}

## A convolution whose zeros are as many before as behind.
fn _symmetric(x: f[N, C, H, W], w: f[M, C, K, K], stride: int, pad: int, padding: string) -> y {
  assert pad >= 0 or padding != "same" or K % 2 == 1, "padding same is symmetric for odd kernels only"
  y = conv(x, w, stride = stride, pad = pad, padding = padding)
}

## Channels as channels on the group, with a bias that all elements share.
fn _on_group(x: f[N, M * order, H, W], b: f[M], order: int) -> y {
  y[n, m, g < order, i, j] = x[n, m * order + g, i, j] + b[m]
}

## Largest over the elements of the group: moves with the input, without regard to how it was turned (Cohen & Welling 2016).  [N, C,
## elements, ..X] -> [N, C, ..X].
##
##     group_max_pool([[[1.0, 4.0, 2.0, 3.0]]]) == [[4.0]]
fn group_max_pool(x: f[N, C, G, ..X]) -> y {
  y[n, c, ..i] = max[g](x[n, c, g, ..i])
}

## Mean over the elements of the group (Cohen & Welling 2016).  [N, C, elements, ..X] -> [N, C, ..X].
##
##     group_avg_pool([[[1.0, 4.0, 2.0, 3.0]]]) == [[2.5]]
fn group_avg_pool(x: f[N, C, G, ..X]) -> y {
  y[n, c, ..i] = mean[g](x[n, c, g, ..i])
}
