# Gradients of std/density with respect to every argument, in f64: within 1e-9, relatively, of central differences of order four along fixed
# directions.
import "samples"
import "std/density"

fn _normal_log_density(t: f[3]) {
  x = 2 * samples([2, 3], 1) + t[0] * samples([2, 3], 21)
  m = samples([2, 3], 2) + t[1] * samples([2, 3], 22)
  s = 1.5 + samples([2, 3], 3) + t[2] * samples([2, 3], 23)
  v = normal_log_density(x, m, s)
  return sum(v * samples(shape(v), 50))
}
test "normal_log_density" {
  t = zeros([3])
  g = grad(_normal_log_density(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_normal_log_density(2 * e), _normal_log_density(e), _normal_log_density(-e),
                            _normal_log_density(-2 * e), 0.001), 1e-9)
  }
}
fn _laplace_log_density(t: f[3]) {
  x = 2 * samples([2, 3], 1) + t[0] * samples([2, 3], 21)
  m = samples([2, 3], 2) + t[1] * samples([2, 3], 22)
  s = 1.5 + samples([2, 3], 3) + t[2] * samples([2, 3], 23)
  v = laplace_log_density(x, m, s)
  return sum(v * samples(shape(v), 50))
}
test "laplace_log_density" {
  t = zeros([3])
  g = grad(_laplace_log_density(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_laplace_log_density(2 * e), _laplace_log_density(e), _laplace_log_density(-e),
                            _laplace_log_density(-2 * e), 0.001), 1e-9)
  }
}
fn _bernoulli_log_density(t: f[1]) {
  x = 2 * samples([2, 3], 1) + t[0] * samples([2, 3], 21)
  v = bernoulli_log_density([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]], x)
  return sum(v * samples(shape(v), 50))
}
test "bernoulli_log_density" {
  t = zeros([1])
  g = grad(_bernoulli_log_density(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_bernoulli_log_density(2 * e), _bernoulli_log_density(e), _bernoulli_log_density(-e),
                            _bernoulli_log_density(-2 * e), 0.001), 1e-9)
  }
}
fn _categorical_log_density(t: f[1]) {
  z = 3 * samples([2, 3], 1) + t[0] * samples([2, 3], 21)
  v = categorical_log_density([2, 0], z)
  return sum(v * samples(shape(v), 50))
}
test "categorical_log_density" {
  t = zeros([1])
  g = grad(_categorical_log_density(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_categorical_log_density(2 * e), _categorical_log_density(e), _categorical_log_density(-e),
                            _categorical_log_density(-2 * e), 0.001), 1e-9)
  }
}
fn _diagonal_normal_log_density(t: f[3]) {
  x = 2 * samples([2, 3], 1) + t[0] * samples([2, 3], 21)
  m = samples([2, 3], 2) + t[1] * samples([2, 3], 22)
  s = 1.5 + samples([2, 3], 3) + t[2] * samples([2, 3], 23)
  v = diagonal_normal_log_density(x, m, s)
  return sum(v * samples(shape(v), 50))
}
test "diagonal_normal_log_density" {
  t = zeros([3])
  g = grad(_diagonal_normal_log_density(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_diagonal_normal_log_density(2 * e), _diagonal_normal_log_density(e),
                            _diagonal_normal_log_density(-e), _diagonal_normal_log_density(-2 * e), 0.001), 1e-9)
  }
}
fn _mixture_nll(t: f[4]) {
  x = samples([3, 2], 1) + t[0] * samples([3, 2], 21)
  z = 2 * samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  m = samples([3, 4, 2], 3) + t[2] * samples([3, 4, 2], 23)
  s = 1.2 + 0.5 * samples([3, 4, 2], 4) + t[3] * samples([3, 4, 2], 24)
  v = mixture_nll(x, z, m, s)
  return sum(v * samples(shape(v), 50))
}
test "mixture_nll" {
  t = zeros([4])
  g = grad(_mixture_nll(t), t)
  for k in 0..4 {
    e = 0.001 * axis(k, 4)
    assert agree(g[k], difference(_mixture_nll(2 * e), _mixture_nll(e), _mixture_nll(-e), _mixture_nll(-2 * e), 0.001),
                 1e-9)
  }
}
fn _mixture_mean(t: f[2]) {
  z = 2 * samples([3, 4], 2) + t[0] * samples([3, 4], 21)
  m = samples([3, 4, 2], 3) + t[1] * samples([3, 4, 2], 22)
  v = mixture_mean(z, m)
  return sum(v * samples(shape(v), 50))
}
test "mixture_mean" {
  t = zeros([2])
  g = grad(_mixture_mean(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_mixture_mean(2 * e), _mixture_mean(e), _mixture_mean(-e), _mixture_mean(-2 * e), 0.001),
                 1e-9)
  }
}
fn _kl_divergence(t: f[2]) {
  x = 2 * samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  z = 2 * samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  v = kl_divergence(softmax(x), softmax(z))
  return sum(v * samples(shape(v), 50))
}
test "kl_divergence" {
  t = zeros([2])
  g = grad(_kl_divergence(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_kl_divergence(2 * e), _kl_divergence(e), _kl_divergence(-e), _kl_divergence(-2 * e),
                            0.001), 1e-9)
  }
}
fn _kl_bernoulli(t: f[2]) {
  p = 0.5 + 0.45 * samples([2, 3], 1) + t[0] * samples([2, 3], 21)
  q = 0.5 + 0.45 * samples([2, 3], 2) + t[1] * samples([2, 3], 22)
  v = kl_bernoulli(p, q)
  return sum(v * samples(shape(v), 50))
}
test "kl_bernoulli" {
  t = zeros([2])
  g = grad(_kl_bernoulli(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_kl_bernoulli(2 * e), _kl_bernoulli(e), _kl_bernoulli(-e), _kl_bernoulli(-2 * e), 0.001),
                 1e-9)
  }
}
fn _kl_normal(t: f[4]) {
  m = samples([2, 3], 2) + t[0] * samples([2, 3], 21)
  s = 1.5 + samples([2, 3], 3) + t[1] * samples([2, 3], 22)
  o = samples([2, 3], 4) + t[2] * samples([2, 3], 23)
  u = 1.3 + 0.5 * samples([2, 3], 5) + t[3] * samples([2, 3], 24)
  v = kl_normal(m, s, o, u)
  return sum(v * samples(shape(v), 50))
}
test "kl_normal" {
  t = zeros([4])
  g = grad(_kl_normal(t), t)
  for k in 0..4 {
    e = 0.001 * axis(k, 4)
    assert agree(g[k], difference(_kl_normal(2 * e), _kl_normal(e), _kl_normal(-e), _kl_normal(-2 * e), 0.001), 1e-9)
  }
}
fn _kl_standard_normal(t: f[2]) {
  m = samples([2, 3], 2) + t[0] * samples([2, 3], 21)
  s = 2 * samples([2, 3], 3) + t[1] * samples([2, 3], 22)
  v = kl_standard_normal(m, s)
  return sum(v * samples(shape(v), 50))
}
test "kl_standard_normal" {
  t = zeros([2])
  g = grad(_kl_standard_normal(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_kl_standard_normal(2 * e), _kl_standard_normal(e), _kl_standard_normal(-e),
                            _kl_standard_normal(-2 * e), 0.001), 1e-9)
  }
}
