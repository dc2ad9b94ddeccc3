# Gradients of std/symmetry with respect to every argument, in f64: within 1e-9, relatively, of central differences of order four along
# fixed directions.
import "samples"
import "std/symmetry"

fn _rotate_and_mirror(t: f[1]) {
  x = samples([2, 3, 4], 1) + t[0] * samples([2, 3, 4], 21)
  y = rotate(mirror(x), 3)
  return sum(y * samples(shape(y), 50))
}
test "rotate and mirror" {
  t = zeros([1])
  g = grad(_rotate_and_mirror(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_rotate_and_mirror(2 * e), _rotate_and_mirror(e), _rotate_and_mirror(-e),
                            _rotate_and_mirror(-2 * e), 0.001), 1e-9)
  }
}
fn _orbit(t: f[1]) {
  w = samples([2, 3, 3], 1) + t[0] * samples([2, 3, 3], 21)
  y = orbit(w, "p4m")
  return sum(y * samples(shape(y), 50))
}
test "orbit" {
  t = zeros([1])
  g = grad(_orbit(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_orbit(2 * e), _orbit(e), _orbit(-e), _orbit(-2 * e), 0.001), 1e-9)
  }
}
fn _lifting_conv(t: f[3]) {
  x = samples([1, 2, 5, 4], 1) + t[0] * samples([1, 2, 5, 4], 21)
  w = samples([2, 2, 3, 3], 2) + t[1] * samples([2, 2, 3, 3], 22)
  b = samples([2], 3) + t[2] * samples([2], 23)
  y = lifting_conv(x, w, b, padding = "same", stride = 2)
  return sum(y * samples(shape(y), 50))
}
test "lifting_conv" {
  t = zeros([3])
  g = grad(_lifting_conv(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_lifting_conv(2 * e), _lifting_conv(e), _lifting_conv(-e), _lifting_conv(-2 * e), 0.001),
                 1e-9)
  }
}
fn _lifting_conv_to_p4m(t: f[3]) {
  x = samples([1, 2, 5, 4], 1) + t[0] * samples([1, 2, 5, 4], 21)
  w = samples([2, 2, 2, 2], 2) + t[1] * samples([2, 2, 2, 2], 22)
  b = samples([2], 3) + t[2] * samples([2], 23)
  y = lifting_conv(x, w, b, group = "p4m")
  return sum(y * samples(shape(y), 50))
}
test "lifting_conv to p4m" {
  t = zeros([3])
  g = grad(_lifting_conv_to_p4m(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_lifting_conv_to_p4m(2 * e), _lifting_conv_to_p4m(e), _lifting_conv_to_p4m(-e),
                            _lifting_conv_to_p4m(-2 * e), 0.001), 1e-9)
  }
}
fn _group_conv(t: f[3]) {
  x = samples([1, 2, 4, 5, 4], 1) + t[0] * samples([1, 2, 4, 5, 4], 21)
  w = samples([2, 2, 4, 3, 3], 2) + t[1] * samples([2, 2, 4, 3, 3], 22)
  b = samples([2], 3) + t[2] * samples([2], 23)
  y = group_conv(x, w, b, padding = "same")
  return sum(y * samples(shape(y), 50))
}
test "group_conv" {
  t = zeros([3])
  g = grad(_group_conv(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k], difference(_group_conv(2 * e), _group_conv(e), _group_conv(-e), _group_conv(-2 * e), 0.001),
                 1e-9)
  }
}
fn _group_conv_of_p4m(t: f[3]) {
  x = samples([1, 2, 8, 3, 4], 1) + t[0] * samples([1, 2, 8, 3, 4], 21)
  w = samples([2, 2, 8, 2, 2], 2) + t[1] * samples([2, 2, 8, 2, 2], 22)
  b = samples([2], 3) + t[2] * samples([2], 23)
  y = group_conv(x, w, b, group = "p4m")
  return sum(y * samples(shape(y), 50))
}
test "group_conv of p4m" {
  t = zeros([3])
  g = grad(_group_conv_of_p4m(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_group_conv_of_p4m(2 * e), _group_conv_of_p4m(e), _group_conv_of_p4m(-e),
                            _group_conv_of_p4m(-2 * e), 0.001), 1e-9)
  }
}
fn _group_max_pool(t: f[1]) {
  x = samples([2, 2, 4, 3, 2], 1) + t[0] * samples([2, 2, 4, 3, 2], 21)
  y = group_max_pool(x)
  return sum(y * samples(shape(y), 50))
}
test "group_max_pool" {
  t = zeros([1])
  g = grad(_group_max_pool(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k],
                 difference(_group_max_pool(2 * e), _group_max_pool(e), _group_max_pool(-e), _group_max_pool(-2 * e),
                            0.0005), 1e-9)
  }
}
fn _group_avg_pool(t: f[1]) {
  x = samples([2, 2, 8, 3], 1) + t[0] * samples([2, 2, 8, 3], 21)
  y = group_avg_pool(x)
  return sum(y * samples(shape(y), 50))
}
test "group_avg_pool" {
  t = zeros([1])
  g = grad(_group_avg_pool(t), t)
  for k in 0..1 {
    e = 0.0005 * axis(k, 1)
    assert agree(g[k],
                 difference(_group_avg_pool(2 * e), _group_avg_pool(e), _group_avg_pool(-e), _group_avg_pool(-2 * e),
                            0.0005), 1e-9)
  }
}
