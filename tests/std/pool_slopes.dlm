# Gradients of std/pool with respect to every argument, in f64: within 1e-9, relatively, of central differences of order four along fixed
# directions.
import "samples"
import "std/pool"

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
fn _lp_pool(t: f[1]) {
  x = samples([1, 2, 4, 6], 1) + t[0] * samples([1, 2, 4, 6], 21)
  y = lp_pool(x, [2, 3])
  return sum(y * samples(shape(y), 50))
}
test "lp_pool" {
  t = zeros([1])
  g = grad(_lp_pool(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k], difference(_lp_pool(2 * e), _lp_pool(e), _lp_pool(-e), _lp_pool(-2 * e), 0.0005), 1e-9)
  }
}
fn _lp_pool_overlap_pad_p(t: f[1]) {
  x = samples([1, 2, 5, 5], 1) + t[0] * samples([1, 2, 5, 5], 21)
  y = lp_pool(x, [3, 2], stride = [1, 2], pad = [1, 0], p = 2.5)
  return sum(y * samples(shape(y), 50))
}
test "lp_pool overlap pad p" {
  t = zeros([1])
  g = grad(_lp_pool_overlap_pad_p(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k],
                 difference(_lp_pool_overlap_pad_p(2 * e), _lp_pool_overlap_pad_p(e), _lp_pool_overlap_pad_p(-e),
                            _lp_pool_overlap_pad_p(-2 * e), 0.0005), 1e-9)
  }
}
fn _adaptive_avg_pool(t: f[1]) {
  x = samples([1, 2, 7, 5], 1) + t[0] * samples([1, 2, 7, 5], 21)
  y = adaptive_avg_pool(x, [3, 4])
  return sum(y * samples(shape(y), 50))
}
test "adaptive_avg_pool" {
  t = zeros([1])
  g = grad(_adaptive_avg_pool(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k],
                 difference(_adaptive_avg_pool(2 * e), _adaptive_avg_pool(e), _adaptive_avg_pool(-e),
                            _adaptive_avg_pool(-2 * e), 0.0005), 1e-9)
  }
}
fn _adaptive_avg_pool_to_more_than_there_are(t: f[1]) {
  x = samples([2, 2, 3], 1) + t[0] * samples([2, 2, 3], 21)
  y = adaptive_avg_pool(x, 5)
  return sum(y * samples(shape(y), 50))
}
test "adaptive_avg_pool to more than there are" {
  t = zeros([1])
  g = grad(_adaptive_avg_pool_to_more_than_there_are(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k],
                 difference(_adaptive_avg_pool_to_more_than_there_are(2 * e),
                            _adaptive_avg_pool_to_more_than_there_are(e), _adaptive_avg_pool_to_more_than_there_are(-e),
                            _adaptive_avg_pool_to_more_than_there_are(-2 * e), 0.0005), 1e-9)
  }
}
fn _adaptive_max_pool(t: f[1]) {
  x = samples([1, 2, 7, 5], 1) + t[0] * samples([1, 2, 7, 5], 21)
  y = adaptive_max_pool(x, [3, 4])
  return sum(y * samples(shape(y), 50))
}
test "adaptive_max_pool" {
  t = zeros([1])
  g = grad(_adaptive_max_pool(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k],
                 difference(_adaptive_max_pool(2 * e), _adaptive_max_pool(e), _adaptive_max_pool(-e),
                            _adaptive_max_pool(-2 * e), 0.0005), 1e-9)
  }
}
fn _global_lp_pool(t: f[1]) {
  x = samples([2, 2, 3, 2], 1) + t[0] * samples([2, 2, 3, 2], 21)
  y = global_lp_pool(x, p = 3)
  return sum(y * samples(shape(y), 50))
}
test "global_lp_pool" {
  t = zeros([1])
  g = grad(_global_lp_pool(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k],
                 difference(_global_lp_pool(2 * e), _global_lp_pool(e), _global_lp_pool(-e), _global_lp_pool(-2 * e),
                            0.0005), 1e-9)
  }
}
fn _channel_max_pool(t: f[1]) {
  x = samples([2, 6, 3, 2], 1) + t[0] * samples([2, 6, 3, 2], 21)
  y = channel_max_pool(x, 3)
  return sum(y * samples(shape(y), 50))
}
test "channel_max_pool" {
  t = zeros([1])
  g = grad(_channel_max_pool(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k],
                 difference(_channel_max_pool(2 * e), _channel_max_pool(e), _channel_max_pool(-e),
                            _channel_max_pool(-2 * e), 0.0005), 1e-9)
  }
}
fn _max_unpool(t: f[1]) {
  x = samples([1, 2, 3, 2], 1) + t[0] * samples([1, 2, 3, 2], 21)
  p = max_positions(samples([1, 2, 6, 6], 7), [2, 3])
  y = max_unpool(x, p, [6, 6], [2, 3])
  return sum(y * samples(shape(y), 50))
}
test "max_unpool" {
  t = zeros([1])
  g = grad(_max_unpool(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k], difference(_max_unpool(2 * e), _max_unpool(e), _max_unpool(-e), _max_unpool(-2 * e), 0.0005),
                 1e-9)
  }
}
fn _max_unpool_with_overlap_and_padding(t: f[1]) {
  x = samples([1, 2, 3, 3], 1) + t[0] * samples([1, 2, 3, 3], 21)
  p = max_positions(samples([1, 2, 5, 6], 7), [2, 3], stride = 2, pad = 1)
  y = max_unpool(x, p, [5, 6], [2, 3], stride = 2, pad = 1)
  return sum(y * samples(shape(y), 50))
}
test "max_unpool with overlap and padding" {
  t = zeros([1])
  g = grad(_max_unpool_with_overlap_and_padding(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k],
                 difference(_max_unpool_with_overlap_and_padding(2 * e), _max_unpool_with_overlap_and_padding(e),
                            _max_unpool_with_overlap_and_padding(-e), _max_unpool_with_overlap_and_padding(-2 * e),
                            0.0005), 1e-9)
  }
}
fn _upsample(t: f[1]) {
  x = samples([1, 2, 3, 4], 1) + t[0] * samples([1, 2, 3, 4], 21)
  y = upsample(x, [2, 3])
  return sum(y * samples(shape(y), 50))
}
test "upsample" {
  t = zeros([1])
  g = grad(_upsample(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k], difference(_upsample(2 * e), _upsample(e), _upsample(-e), _upsample(-2 * e), 0.0005), 1e-9)
  }
}
fn _expected_pool(t: f[1]) {
  x = samples([1, 2, 5, 6], 1) + t[0] * samples([1, 2, 5, 6], 21)
  y = expected_pool(x, [3, 2], stride = [1, 2], pad = [1, 0])
  return sum(y * samples(shape(y), 50))
}
test "expected_pool" {
  t = zeros([1])
  g = grad(_expected_pool(t), t)
  for k in 0..1 {
    e = 0.0002 * axis(k, 1)
    assert agree(g[k],
                 difference(_expected_pool(2 * e), _expected_pool(e), _expected_pool(-e), _expected_pool(-2 * e),
                            0.0002), 1e-9)
  }
}
