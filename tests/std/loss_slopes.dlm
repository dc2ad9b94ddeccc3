# Gradients of std/loss with respect to every argument, in f64: within 1e-9, relatively, of central differences of order four along fixed
# directions.
import "samples"
import "std/loss"

fn _softmax_cross_entropy(t: f[1]) {
  z = 3 * samples([3, 2, 4], 1) + t[0] * samples([3, 2, 4], 21)
  y = softmax_cross_entropy(z, [[0, 3], [2, 1], [3, 3]])
  return sum(y * samples(shape(y), 50))
}
test "softmax_cross_entropy" {
  t = zeros([1])
  g = grad(_softmax_cross_entropy(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_softmax_cross_entropy(2 * e), _softmax_cross_entropy(e), _softmax_cross_entropy(-e),
                            _softmax_cross_entropy(-2 * e), 0.001), 1e-9)
  }
}
fn _binary_cross_entropy(t: f[2]) {
  p = 2.9 * samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  t = samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  y = binary_cross_entropy(p, t)
  return sum(y * samples(shape(y), 50))
}
test "binary_cross_entropy" {
  t = zeros([2])
  g = grad(_binary_cross_entropy(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_binary_cross_entropy(2 * e), _binary_cross_entropy(e), _binary_cross_entropy(-e),
                            _binary_cross_entropy(-2 * e), 0.001), 1e-9)
  }
}
fn _squared_error(t: f[2]) {
  p = 2.9 * samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  t = samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  y = squared_error(p, t)
  return sum(y * samples(shape(y), 50))
}
test "squared_error" {
  t = zeros([2])
  g = grad(_squared_error(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_squared_error(2 * e), _squared_error(e), _squared_error(-e), _squared_error(-2 * e),
                            0.001), 1e-9)
  }
}
fn _absolute_error(t: f[2]) {
  p = 2.9 * samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  t = samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  y = absolute_error(p, t)
  return sum(y * samples(shape(y), 50))
}
test "absolute_error" {
  t = zeros([2])
  g = grad(_absolute_error(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_absolute_error(2 * e), _absolute_error(e), _absolute_error(-e), _absolute_error(-2 * e),
                            0.001), 1e-9)
  }
}
fn _huber(t: f[2]) {
  p = 2.9 * samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  t = samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  y = huber(p, t)
  return sum(y * samples(shape(y), 50))
}
test "huber" {
  t = zeros([2])
  g = grad(_huber(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_huber(2 * e), _huber(e), _huber(-e), _huber(-2 * e), 0.001), 1e-9)
  }
}
fn _huber__delta(t: f[2]) {
  p = 2.9 * samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  t = samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  y = huber(p, t, delta = 2)
  return sum(y * samples(shape(y), 50))
}
test "huber, delta" {
  t = zeros([2])
  g = grad(_huber__delta(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_huber__delta(2 * e), _huber__delta(e), _huber__delta(-e), _huber__delta(-2 * e), 0.001),
                 1e-9)
  }
}
fn _mse(t: f[2]) {
  p = 2.9 * samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  t = samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  y = [mse(p, t)]
  return sum(y * samples(shape(y), 50))
}
test "mse" {
  t = zeros([2])
  g = grad(_mse(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_mse(2 * e), _mse(e), _mse(-e), _mse(-2 * e), 0.001), 1e-9)
  }
}
fn _mae(t: f[2]) {
  p = 2.9 * samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  t = samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  y = [mae(p, t)]
  return sum(y * samples(shape(y), 50))
}
test "mae" {
  t = zeros([2])
  g = grad(_mae(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_mae(2 * e), _mae(e), _mae(-e), _mae(-2 * e), 0.001), 1e-9)
  }
}
fn _l1_penalty(t: f[1]) {
  w = samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  y = [l1_penalty(w)]
  return sum(y * samples(shape(y), 50))
}
test "l1_penalty" {
  t = zeros([1])
  g = grad(_l1_penalty(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_l1_penalty(2 * e), _l1_penalty(e), _l1_penalty(-e), _l1_penalty(-2 * e), 0.001),
                 1e-9)
  }
}
fn _l2_penalty(t: f[1]) {
  w = samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  y = [l2_penalty(w)]
  return sum(y * samples(shape(y), 50))
}
test "l2_penalty" {
  t = zeros([1])
  g = grad(_l2_penalty(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_l2_penalty(2 * e), _l2_penalty(e), _l2_penalty(-e), _l2_penalty(-2 * e), 0.001),
                 1e-9)
  }
}
