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
fn _max_pool(t: f[1]) {
  x = samples([2, 3, 6, 6], 1) + t[0] * samples([2, 3, 6, 6], 21)
  y = max_pool(x, [2, 2])
  return sum(y * samples(shape(y), 50))
}
test "max_pool" {
  t = zeros([1])
  g = grad(_max_pool(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k], difference(_max_pool(2 * e), _max_pool(e), _max_pool(-e), _max_pool(-2 * e), 0.0005), 1e-9)
  }
}
fn _max_pool_overlap_pad(t: f[1]) {
  x = samples([1, 2, 7, 6], 1) + t[0] * samples([1, 2, 7, 6], 21)
  y = max_pool(x, [3, 2], stride = [2, 1], pad = [1, 1])
  return sum(y * samples(shape(y), 50))
}
test "max_pool overlap pad" {
  t = zeros([1])
  g = grad(_max_pool_overlap_pad(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k],
                 difference(_max_pool_overlap_pad(2 * e), _max_pool_overlap_pad(e), _max_pool_overlap_pad(-e),
                            _max_pool_overlap_pad(-2 * e), 0.0005), 1e-9)
  }
}
fn _max_pool_dilation(t: f[1]) {
  x = samples([1, 2, 9], 1) + t[0] * samples([1, 2, 9], 21)
  y = max_pool(x, [3], stride = 1, pad = 1, dilation = 2)
  return sum(y * samples(shape(y), 50))
}
test "max_pool dilation" {
  t = zeros([1])
  g = grad(_max_pool_dilation(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k],
                 difference(_max_pool_dilation(2 * e), _max_pool_dilation(e), _max_pool_dilation(-e),
                            _max_pool_dilation(-2 * e), 0.0005), 1e-9)
  }
}
fn _avg_pool(t: f[1]) {
  x = samples([2, 3, 6, 6], 1) + t[0] * samples([2, 3, 6, 6], 21)
  y = avg_pool(x, [2, 2])
  return sum(y * samples(shape(y), 50))
}
test "avg_pool" {
  t = zeros([1])
  g = grad(_avg_pool(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k], difference(_avg_pool(2 * e), _avg_pool(e), _avg_pool(-e), _avg_pool(-2 * e), 0.0005), 1e-9)
  }
}
fn _avg_pool_overlap_pad(t: f[1]) {
  x = samples([1, 2, 7, 6], 1) + t[0] * samples([1, 2, 7, 6], 21)
  y = avg_pool(x, [3, 2], stride = [2, 1], pad = [1, 1])
  return sum(y * samples(shape(y), 50))
}
test "avg_pool overlap pad" {
  t = zeros([1])
  g = grad(_avg_pool_overlap_pad(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k],
                 difference(_avg_pool_overlap_pad(2 * e), _avg_pool_overlap_pad(e), _avg_pool_overlap_pad(-e),
                            _avg_pool_overlap_pad(-2 * e), 0.0005), 1e-9)
  }
}
fn _avg_pool_inside(t: f[1]) {
  x = samples([2, 3, 6, 6], 1) + t[0] * samples([2, 3, 6, 6], 21)
  y = avg_pool(x, [2, 2], inside = true)
  return sum(y * samples(shape(y), 50))
}
test "avg_pool inside" {
  t = zeros([1])
  g = grad(_avg_pool_inside(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k],
                 difference(_avg_pool_inside(2 * e), _avg_pool_inside(e), _avg_pool_inside(-e),
                            _avg_pool_inside(-2 * e), 0.0005), 1e-9)
  }
}
fn _avg_pool_overlap_pad_inside(t: f[1]) {
  x = samples([1, 2, 7, 6], 1) + t[0] * samples([1, 2, 7, 6], 21)
  y = avg_pool(x, [3, 2], stride = [2, 1], pad = [1, 1], inside = true)
  return sum(y * samples(shape(y), 50))
}
test "avg_pool overlap pad inside" {
  t = zeros([1])
  g = grad(_avg_pool_overlap_pad_inside(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k],
                 difference(_avg_pool_overlap_pad_inside(2 * e), _avg_pool_overlap_pad_inside(e),
                            _avg_pool_overlap_pad_inside(-e), _avg_pool_overlap_pad_inside(-2 * e), 0.0005), 1e-9)
  }
}
fn _global_avg_pool(t: f[1]) {
  x = samples([2, 3, 3, 4], 1) + t[0] * samples([2, 3, 3, 4], 21)
  y = global_avg_pool(x)
  return sum(y * samples(shape(y), 50))
}
test "global_avg_pool" {
  t = zeros([1])
  g = grad(_global_avg_pool(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k],
                 difference(_global_avg_pool(2 * e), _global_avg_pool(e), _global_avg_pool(-e),
                            _global_avg_pool(-2 * e), 0.0005), 1e-9)
  }
}
fn _global_max_pool(t: f[1]) {
  x = samples([2, 3, 3, 4], 1) + t[0] * samples([2, 3, 3, 4], 21)
  y = global_max_pool(x)
  return sum(y * samples(shape(y), 50))
}
test "global_max_pool" {
  t = zeros([1])
  g = grad(_global_max_pool(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k],
                 difference(_global_max_pool(2 * e), _global_max_pool(e), _global_max_pool(-e),
                            _global_max_pool(-2 * e), 0.0005), 1e-9)
  }
}
