# Gradients of std/reduce with respect to every argument, in f64: within 1e-9, relatively, of central differences of order four along fixed
# directions.
import "samples"
import "std/reduce"

fn _logsumexp(t: f[1]) {
  x = 3 * samples([2, 3, 5], 1) + t[0] * samples([2, 3, 5], 21)
  y = logsumexp(x)
  return sum(y * samples(shape(y), 50))
}
test "logsumexp" {
  t = zeros([1])
  g = grad(_logsumexp(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_logsumexp(2 * e), _logsumexp(e), _logsumexp(-e), _logsumexp(-2 * e), 0.001), 1e-9)
  }
}
fn _softmax(t: f[1]) {
  x = 3 * samples([2, 3, 5], 1) + t[0] * samples([2, 3, 5], 21)
  y = softmax(x)
  return sum(y * samples(shape(y), 50))
}
test "softmax" {
  t = zeros([1])
  g = grad(_softmax(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_softmax(2 * e), _softmax(e), _softmax(-e), _softmax(-2 * e), 0.001), 1e-9)
  }
}
fn _log_softmax(t: f[1]) {
  x = 3 * samples([2, 3, 5], 1) + t[0] * samples([2, 3, 5], 21)
  y = log_softmax(x)
  return sum(y * samples(shape(y), 50))
}
test "log_softmax" {
  t = zeros([1])
  g = grad(_log_softmax(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_log_softmax(2 * e), _log_softmax(e), _log_softmax(-e), _log_softmax(-2 * e), 0.001),
                 1e-9)
  }
}
fn _variance(t: f[1]) {
  x = 3 * samples([2, 3, 5], 1) + t[0] * samples([2, 3, 5], 21)
  y = variance(x)
  return sum(y * samples(shape(y), 50))
}
test "variance" {
  t = zeros([1])
  g = grad(_variance(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_variance(2 * e), _variance(e), _variance(-e), _variance(-2 * e), 0.001), 1e-9)
  }
}
fn _variance_corrected(t: f[1]) {
  x = 3 * samples([2, 3, 5], 1) + t[0] * samples([2, 3, 5], 21)
  y = variance(x, correction = 1)
  return sum(y * samples(shape(y), 50))
}
test "variance corrected" {
  t = zeros([1])
  g = grad(_variance_corrected(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_variance_corrected(2 * e), _variance_corrected(e), _variance_corrected(-e),
                            _variance_corrected(-2 * e), 0.001), 1e-9)
  }
}
fn _norm2(t: f[1]) {
  x = 3 * samples([2, 3, 5], 1) + t[0] * samples([2, 3, 5], 21)
  y = norm2(x)
  return sum(y * samples(shape(y), 50))
}
test "norm2" {
  t = zeros([1])
  g = grad(_norm2(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_norm2(2 * e), _norm2(e), _norm2(-e), _norm2(-2 * e), 0.001), 1e-9)
  }
}
fn _softmax_over_the_middle_axis(t: f[1]) {
  x = 3 * samples([2, 5, 3], 1) + t[0] * samples([2, 5, 3], 21)
  y[a, k, b] = softmax[j](x[a, j, b])[k]
  return sum(y * samples(shape(y), 50))
}
test "softmax over the middle axis" {
  t = zeros([1])
  g = grad(_softmax_over_the_middle_axis(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_softmax_over_the_middle_axis(2 * e), _softmax_over_the_middle_axis(e),
                            _softmax_over_the_middle_axis(-e), _softmax_over_the_middle_axis(-2 * e), 0.001), 1e-9)
  }
}
fn _normalize(t: f[1]) {
  x = 3 * samples([2, 2, 3], 1) + t[0] * samples([2, 2, 3], 21)
  v = normalize(x)
  return sum(v * samples(shape(v), 50))
}
test "normalize" {
  t = zeros([1])
  g = grad(_normalize(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_normalize(2 * e), _normalize(e), _normalize(-e), _normalize(-2 * e), 0.001), 1e-9)
  }
}
