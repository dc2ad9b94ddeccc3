# Gradients of std/norm with respect to every argument, in f64: within 1e-9, relatively, of central differences of order four along fixed
# directions.
import "samples"
import "std/norm"

fn _channel_moments(t: f[1]) {
  x = samples([2, 3, 4], 1) + t[0] * samples([2, 3, 4], 21)
  m, v = channel_moments(x)
  y[c, k < 2] = if k == 0 then m[c] else v[c]
  return sum(y * samples(shape(y), 50))
}
test "channel_moments" {
  t = zeros([1])
  g = grad(_channel_moments(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_channel_moments(2 * e), _channel_moments(e), _channel_moments(-e),
                            _channel_moments(-2 * e), 0.001), 1e-9)
  }
}
fn _standardize(t: f[4]) {
  v = 1 + samples([3], 6)^2
  x = samples([2, 3, 4], 1) + t[0] * samples([2, 3, 4], 21)
  m = samples([3], 2) + t[1] * samples([3], 22)
  gain = samples([3], 4) + t[2] * samples([3], 24)
  shift = samples([3], 5) + t[3] * samples([3], 25)
  y = standardize(x, m, v, gain, shift)
  return sum(y * samples(shape(y), 50))
}
test "standardize" {
  t = zeros([4])
  g = grad(_standardize(t), t)
  for k in 0..4 {
    e = 0.001 * axis(k, 4)
    assert agree(g[k], difference(_standardize(2 * e), _standardize(e), _standardize(-e), _standardize(-2 * e), 0.001),
                 1e-9)
  }
}
fn _standardize_by_the_variance(t: f[1]) {
  x = samples([2, 3, 4], 1)
  m = samples([3], 2)
  v = samples([3], 6) + t[0] * samples([3], 26)
  y = standardize(x, m, 1 + v^2)
  return sum(y * samples(shape(y), 50))
}
test "standardize by the variance" {
  t = zeros([1])
  g = grad(_standardize_by_the_variance(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_standardize_by_the_variance(2 * e), _standardize_by_the_variance(e),
                            _standardize_by_the_variance(-e), _standardize_by_the_variance(-2 * e), 0.001), 1e-9)
  }
}
fn _standardize_by_its_own_moments(t: f[1]) {
  x = samples([3, 2, 2, 2], 1) + t[0] * samples([3, 2, 2, 2], 21)
  m, v = channel_moments(x)
  y = standardize(x, m, v)
  return sum(y * samples(shape(y), 50))
}
test "standardize by its own moments" {
  t = zeros([1])
  g = grad(_standardize_by_its_own_moments(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_standardize_by_its_own_moments(2 * e), _standardize_by_its_own_moments(e),
                            _standardize_by_its_own_moments(-e), _standardize_by_its_own_moments(-2 * e), 0.001), 1e-9)
  }
}
fn _layer_norm(t: f[3]) {
  x = samples([2, 3, 6], 1) + t[0] * samples([2, 3, 6], 21)
  gain = samples([6], 2) + t[1] * samples([6], 22)
  shift = samples([6], 3) + t[2] * samples([6], 23)
  y = normalize_layer(x, gain, shift)
  return sum(y * samples(shape(y), 50))
}
test "normalize_layer" {
  t = zeros([3])
  g = grad(_layer_norm(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k], difference(_layer_norm(2 * e), _layer_norm(e), _layer_norm(-e), _layer_norm(-2 * e), 0.001),
                 1e-9)
  }
}
fn _normalize_groups(t: f[3]) {
  x = samples([2, 6, 3, 2], 1) + t[0] * samples([2, 6, 3, 2], 21)
  gain = samples([6], 2) + t[1] * samples([6], 22)
  shift = samples([6], 3) + t[2] * samples([6], 23)
  y = normalize_groups(x, gain, shift, 2)
  return sum(y * samples(shape(y), 50))
}
test "normalize_groups" {
  t = zeros([3])
  g = grad(_normalize_groups(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_normalize_groups(2 * e), _normalize_groups(e), _normalize_groups(-e),
                            _normalize_groups(-2 * e), 0.001),
                 1e-9)
  }
}
fn _normalize_rms(t: f[2]) {
  x = samples([2, 2, 5], 1) + t[0] * samples([2, 2, 5], 21)
  gain = samples([5], 2) + t[1] * samples([5], 22)
  y = normalize_rms(x, gain)
  return sum(y * samples(shape(y), 50))
}
test "normalize_rms" {
  t = zeros([2])
  g = grad(_normalize_rms(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_normalize_rms(2 * e), _normalize_rms(e), _normalize_rms(-e), _normalize_rms(-2 * e),
                            0.001), 1e-9)
  }
}
fn _normalize_groups_a_group_for_each_channel(t: f[3]) {
  x = samples([2, 3, 4], 1) + t[0] * samples([2, 3, 4], 21)
  gain = samples([3], 2) + t[1] * samples([3], 22)
  shift = samples([3], 3) + t[2] * samples([3], 23)
  y = normalize_groups(x, gain, shift, 3)
  return sum(y * samples(shape(y), 50))
}
test "normalize_groups, a group for each channel" {
  t = zeros([3])
  g = grad(_normalize_groups_a_group_for_each_channel(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_normalize_groups_a_group_for_each_channel(2 * e),
                            _normalize_groups_a_group_for_each_channel(e),
                            _normalize_groups_a_group_for_each_channel(-e),
                            _normalize_groups_a_group_for_each_channel(-2 * e), 0.001), 1e-9)
  }
}
fn _local_response_norm(t: f[1]) {
  x = samples([2, 6, 2], 1) + t[0] * samples([2, 6, 2], 21)
  y = normalize_local_response(x, 5, alpha = 2, k = 1.5)
  return sum(y * samples(shape(y), 50))
}
test "normalize_local_response" {
  t = zeros([1])
  g = grad(_local_response_norm(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_local_response_norm(2 * e), _local_response_norm(e), _local_response_norm(-e),
                            _local_response_norm(-2 * e), 0.001), 1e-9)
  }
}
fn _local_response_norm_even_size(t: f[1]) {
  x = samples([1, 5, 2, 2], 1) + t[0] * samples([1, 5, 2, 2], 21)
  y = normalize_local_response(x, 4, alpha = 0.5, beta = 0.6)
  return sum(y * samples(shape(y), 50))
}
test "normalize_local_response, even size" {
  t = zeros([1])
  g = grad(_local_response_norm_even_size(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_local_response_norm_even_size(2 * e), _local_response_norm_even_size(e),
                            _local_response_norm_even_size(-e), _local_response_norm_even_size(-2 * e), 0.001), 1e-9)
  }
}
fn _normalize_weight(t: f[2]) {
  w = samples([3, 2, 2], 1) + t[0] * samples([3, 2, 2], 21)
  gain = samples([3], 2) + t[1] * samples([3], 22)
  y = normalize_weight(w, gain)
  return sum(y * samples(shape(y), 50))
}
test "normalize_weight" {
  t = zeros([2])
  g = grad(_normalize_weight(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_normalize_weight(2 * e), _normalize_weight(e), _normalize_weight(-e),
                            _normalize_weight(-2 * e), 0.001), 1e-9)
  }
}
fn _power_iteration(t: f[1]) {
  w = samples([3, 2, 2], 2) + t[0] * samples([3, 2, 2], 22)
  u = [1.0, 0.0, 0.0]
  for step in 0..60 {
    u, value = power_iteration(w, u)
  }
  return value
}
test "power_iteration, once it has converged" {
  t = zeros([1])
  g = grad(_power_iteration(t), t)
  e = 0.001 * axis(0, 1)
  assert agree(g[0],
               difference(_power_iteration(2 * e), _power_iteration(e), _power_iteration(-e), _power_iteration(-2 * e),
                          0.001), 1e-9)
}
