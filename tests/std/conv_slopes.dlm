# Gradients of std/conv with respect to every argument, in f64: within 1e-9, relatively, of central differences of order four along fixed
# directions.
import "samples"
import "std/conv"

fn _conv(t: f[3]) {
  x = samples([2, 3, 7], 1) + t[0] * samples([2, 3, 7], 21)
  w = samples([4, 3, 3], 2) + t[1] * samples([4, 3, 3], 22)
  b = samples([4], 3) + t[2] * samples([4], 23)
  y = conv(x, w, b)
  return sum(y * samples(shape(y), 50))
}
test "conv" {
  t = zeros([3])
  g = grad(_conv(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k], difference(_conv(2 * e), _conv(e), _conv(-e), _conv(-2 * e), 0.001), 1e-9)
  }
}
fn _conv_stride_pad_dilation(t: f[3]) {
  x = samples([2, 2, 9, 8], 1) + t[0] * samples([2, 2, 9, 8], 21)
  w = samples([3, 2, 3, 2], 2) + t[1] * samples([3, 2, 3, 2], 22)
  b = samples([3], 3) + t[2] * samples([3], 23)
  y = conv(x, w, b, stride = [2, 3], pad = [2, 1], dilation = [1, 3])
  return sum(y * samples(shape(y), 50))
}
test "conv stride pad dilation" {
  t = zeros([3])
  g = grad(_conv_stride_pad_dilation(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_conv_stride_pad_dilation(2 * e), _conv_stride_pad_dilation(e),
                            _conv_stride_pad_dilation(-e), _conv_stride_pad_dilation(-2 * e), 0.001), 1e-9)
  }
}
fn _conv_groups(t: f[3]) {
  x = samples([2, 6, 5, 4], 1) + t[0] * samples([2, 6, 5, 4], 21)
  w = samples([4, 3, 3, 3], 2) + t[1] * samples([4, 3, 3, 3], 22)
  b = samples([4], 3) + t[2] * samples([4], 23)
  y = conv(x, w, b, pad = 1, stride = 2)
  return sum(y * samples(shape(y), 50))
}
test "conv groups" {
  t = zeros([3])
  g = grad(_conv_groups(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k], difference(_conv_groups(2 * e), _conv_groups(e), _conv_groups(-e), _conv_groups(-2 * e), 0.001),
                 1e-9)
  }
}
fn _conv_uneven_padding(t: f[3]) {
  x = samples([1, 2, 6], 1) + t[0] * samples([1, 2, 6], 21)
  w = samples([2, 2, 4], 2) + t[1] * samples([2, 2, 4], 22)
  b = samples([2], 3) + t[2] * samples([2], 23)
  y = conv(x, w, b, pad = 1, after = 2)
  return sum(y * samples(shape(y), 50))
}
test "conv uneven padding" {
  t = zeros([3])
  g = grad(_conv_uneven_padding(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_conv_uneven_padding(2 * e), _conv_uneven_padding(e), _conv_uneven_padding(-e),
                            _conv_uneven_padding(-2 * e), 0.001), 1e-9)
  }
}
fn _conv_in_three_dimensions(t: f[3]) {
  x = samples([1, 2, 4, 5, 4], 1) + t[0] * samples([1, 2, 4, 5, 4], 21)
  w = samples([2, 2, 2, 3, 2], 2) + t[1] * samples([2, 2, 2, 3, 2], 22)
  b = samples([2], 3) + t[2] * samples([2], 23)
  y = conv(x, w, b, stride = [1, 2, 2], pad = [1, 1, 0])
  return sum(y * samples(shape(y), 50))
}
test "conv in three dimensions" {
  t = zeros([3])
  g = grad(_conv_in_three_dimensions(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_conv_in_three_dimensions(2 * e), _conv_in_three_dimensions(e),
                            _conv_in_three_dimensions(-e), _conv_in_three_dimensions(-2 * e), 0.001), 1e-9)
  }
}
fn _conv_stride_beyond_the_kernel(t: f[3]) {
  x = samples([2, 1, 11], 1) + t[0] * samples([2, 1, 11], 21)
  w = samples([2, 1, 2], 2) + t[1] * samples([2, 1, 2], 22)
  b = samples([2], 3) + t[2] * samples([2], 23)
  y = conv(x, w, b, stride = 5)
  return sum(y * samples(shape(y), 50))
}
test "conv stride beyond the kernel" {
  t = zeros([3])
  g = grad(_conv_stride_beyond_the_kernel(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_conv_stride_beyond_the_kernel(2 * e), _conv_stride_beyond_the_kernel(e),
                            _conv_stride_beyond_the_kernel(-e), _conv_stride_beyond_the_kernel(-2 * e), 0.001), 1e-9)
  }
}
fn _conv_transpose(t: f[3]) {
  x = samples([2, 3, 5], 1) + t[0] * samples([2, 3, 5], 21)
  w = samples([3, 2, 3], 2) + t[1] * samples([3, 2, 3], 22)
  b = samples([2], 3) + t[2] * samples([2], 23)
  y = conv_transpose(x, w, b)
  return sum(y * samples(shape(y), 50))
}
test "conv_transpose" {
  t = zeros([3])
  g = grad(_conv_transpose(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_conv_transpose(2 * e), _conv_transpose(e), _conv_transpose(-e), _conv_transpose(-2 * e),
                            0.001), 1e-9)
  }
}
fn _conv_transpose_stride_pad_extra(t: f[3]) {
  x = samples([2, 2, 4, 3], 1) + t[0] * samples([2, 2, 4, 3], 21)
  w = samples([2, 3, 3, 4], 2) + t[1] * samples([2, 3, 3, 4], 22)
  b = samples([3], 3) + t[2] * samples([3], 23)
  y = conv_transpose(x, w, b, stride = [2, 3], pad = [1, 2], extra = [1, 0])
  return sum(y * samples(shape(y), 50))
}
test "conv_transpose stride pad extra" {
  t = zeros([3])
  g = grad(_conv_transpose_stride_pad_extra(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_conv_transpose_stride_pad_extra(2 * e), _conv_transpose_stride_pad_extra(e),
                            _conv_transpose_stride_pad_extra(-e), _conv_transpose_stride_pad_extra(-2 * e), 0.001),
                 1e-9)
  }
}
fn _conv_transpose_groups(t: f[3]) {
  x = samples([1, 4, 3, 3], 1) + t[0] * samples([1, 4, 3, 3], 21)
  w = samples([4, 2, 2, 3], 2) + t[1] * samples([4, 2, 2, 3], 22)
  b = samples([4], 3) + t[2] * samples([4], 23)
  y = conv_transpose(x, w, b, stride = 2, groups = 2)
  return sum(y * samples(shape(y), 50))
}
test "conv_transpose groups" {
  t = zeros([3])
  g = grad(_conv_transpose_groups(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_conv_transpose_groups(2 * e), _conv_transpose_groups(e), _conv_transpose_groups(-e),
                            _conv_transpose_groups(-2 * e), 0.001), 1e-9)
  }
}
fn _conv_with_padding_by_name_and_a_flipped_kernel(t: f[3]) {
  x = samples([2, 2, 5, 6], 1) + t[0] * samples([2, 2, 5, 6], 21)
  w = samples([3, 2, 4, 2], 2) + t[1] * samples([3, 2, 4, 2], 22)
  b = samples([3], 3) + t[2] * samples([3], 23)
  y = conv(x, w, b, stride = [2, 1], dilation = [1, 2], padding = "same", flip = true)
  return sum(y * samples(shape(y), 50))
}
test "conv with padding by name and a flipped kernel" {
  t = zeros([3])
  g = grad(_conv_with_padding_by_name_and_a_flipped_kernel(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_conv_with_padding_by_name_and_a_flipped_kernel(2 * e),
                            _conv_with_padding_by_name_and_a_flipped_kernel(e),
                            _conv_with_padding_by_name_and_a_flipped_kernel(-e),
                            _conv_with_padding_by_name_and_a_flipped_kernel(-2 * e), 0.001), 1e-9)
  }
}
fn _conv_with_full_padding(t: f[2]) {
  x = samples([1, 2, 5], 1) + t[0] * samples([1, 2, 5], 21)
  w = samples([2, 2, 3], 2) + t[1] * samples([2, 2, 3], 22)
  y = conv(x, w, stride = 2, padding = "full")
  return sum(y * samples(shape(y), 50))
}
test "conv with full padding" {
  t = zeros([2])
  g = grad(_conv_with_full_padding(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_conv_with_full_padding(2 * e), _conv_with_full_padding(e), _conv_with_full_padding(-e),
                            _conv_with_full_padding(-2 * e), 0.001), 1e-9)
  }
}
fn _conv_transpose_with_padding_by_name_and_dilation(t: f[3]) {
  x = samples([2, 2, 5, 6], 1) + t[0] * samples([2, 2, 5, 6], 21)
  w = samples([2, 3, 4, 2], 2) + t[1] * samples([2, 3, 4, 2], 22)
  b = samples([3], 3) + t[2] * samples([3], 23)
  y = conv_transpose(x, w, b, stride = [2, 3], dilation = [1, 2], padding = "same")
  return sum(y * samples(shape(y), 50))
}
test "conv_transpose with padding by name and dilation" {
  t = zeros([3])
  g = grad(_conv_transpose_with_padding_by_name_and_dilation(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_conv_transpose_with_padding_by_name_and_dilation(2 * e),
                            _conv_transpose_with_padding_by_name_and_dilation(e),
                            _conv_transpose_with_padding_by_name_and_dilation(-e),
                            _conv_transpose_with_padding_by_name_and_dilation(-2 * e), 0.001), 1e-9)
  }
}
fn _separable_conv(t: f[4]) {
  x = samples([2, 2, 5, 6], 1) + t[0] * samples([2, 2, 5, 6], 21)
  d = samples([4, 1, 3, 2], 2) + t[1] * samples([4, 1, 3, 2], 22)
  p = samples([3, 4], 3) + t[2] * samples([3, 4], 23)
  b = samples([3], 4) + t[3] * samples([3], 24)
  y = separable_conv(x, d, p, b, stride = 2, padding = "same")
  return sum(y * samples(shape(y), 50))
}
test "separable_conv" {
  t = zeros([4])
  g = grad(_separable_conv(t), t)
  for k in 0..4 {
    e = 0.001 * axis(k, 4)
    assert agree(g[k],
                 difference(_separable_conv(2 * e), _separable_conv(e), _separable_conv(-e), _separable_conv(-2 * e),
                            0.001), 1e-9)
  }
}
fn _tiled_conv(t: f[3]) {
  x = samples([2, 2, 7, 6], 1) + t[0] * samples([2, 2, 7, 6], 21)
  w = samples([3, 2, 6, 9], 2) + t[1] * samples([3, 2, 6, 9], 22)
  b = samples([3, 2, 3], 3) + t[2] * samples([3, 2, 3], 23)
  y = tiled_conv(x, w, b)
  return sum(y * samples(shape(y), 50))
}
test "tiled_conv" {
  t = zeros([3])
  g = grad(_tiled_conv(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k], difference(_tiled_conv(2 * e), _tiled_conv(e), _tiled_conv(-e), _tiled_conv(-2 * e), 0.001),
                 1e-9)
  }
}
fn _tiled_conv_with_stride_padding_and_dilation(t: f[3]) {
  x = samples([1, 2, 9, 8], 1) + t[0] * samples([1, 2, 9, 8], 21)
  w = samples([2, 2, 6, 4], 2) + t[1] * samples([2, 2, 6, 4], 22)
  b = samples([2, 2, 2], 3) + t[2] * samples([2, 2, 2], 23)
  y = tiled_conv(x, w, b, stride = [2, 1], pad = [1, 0], dilation = [1, 2])
  return sum(y * samples(shape(y), 50))
}
test "tiled_conv with stride padding and dilation" {
  t = zeros([3])
  g = grad(_tiled_conv_with_stride_padding_and_dilation(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_tiled_conv_with_stride_padding_and_dilation(2 * e),
                            _tiled_conv_with_stride_padding_and_dilation(e),
                            _tiled_conv_with_stride_padding_and_dilation(-e),
                            _tiled_conv_with_stride_padding_and_dilation(-2 * e), 0.001), 1e-9)
  }
}
fn _locally_connected(t: f[3]) {
  x = samples([1, 2, 5, 6], 1) + t[0] * samples([1, 2, 5, 6], 21)
  w = samples([2, 2, 9, 10], 2) + t[1] * samples([2, 2, 9, 10], 22)
  b = samples([2, 3, 5], 3) + t[2] * samples([2, 3, 5], 23)
  y = locally_connected(x, w, b)
  return sum(y * samples(shape(y), 50))
}
test "locally_connected" {
  t = zeros([3])
  g = grad(_locally_connected(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_locally_connected(2 * e), _locally_connected(e), _locally_connected(-e),
                            _locally_connected(-2 * e), 0.001), 1e-9)
  }
}
fn _locally_connected_with_stride_and_padding(t: f[3]) {
  x = samples([2, 1, 5], 1) + t[0] * samples([2, 1, 5], 21)
  w = samples([2, 1, 12], 2) + t[1] * samples([2, 1, 12], 22)
  b = samples([2, 3], 3) + t[2] * samples([2, 3], 23)
  y = locally_connected(x, w, b, stride = 2, padding = "same", pad = 2, after = 1)
  return sum(y * samples(shape(y), 50))
}
test "locally_connected with stride and padding" {
  t = zeros([3])
  g = grad(_locally_connected_with_stride_and_padding(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_locally_connected_with_stride_and_padding(2 * e),
                            _locally_connected_with_stride_and_padding(e),
                            _locally_connected_with_stride_and_padding(-e),
                            _locally_connected_with_stride_and_padding(-2 * e), 0.001), 1e-9)
  }
}
