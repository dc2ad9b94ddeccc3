# Gradients of std/penalty with respect to every argument, in f64: within 1e-9, relatively, of central differences of order four along fixed
# directions.
import "samples"
import "std/penalty"

fn _l2_penalty(t: f[1]) {
  w = samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  v = l2_penalty(w, 0.3)
  return sum(v * samples(shape(v), 50))
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
fn _l1_penalty(t: f[1]) {
  w = samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  v = l1_penalty(w, 0.3)
  return sum(v * samples(shape(v), 50))
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
fn _elastic_net_penalty(t: f[1]) {
  w = samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  v = elastic_net_penalty(w, alpha = 0.3, share = 0.25)
  return sum(v * samples(shape(v), 50))
}
test "elastic_net_penalty" {
  t = zeros([1])
  g = grad(_elastic_net_penalty(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_elastic_net_penalty(2 * e), _elastic_net_penalty(e), _elastic_net_penalty(-e),
                            _elastic_net_penalty(-2 * e), 0.001), 1e-9)
  }
}
fn _orthogonality_penalty(t: f[1]) {
  w = samples([3, 2, 2], 1) + t[0] * samples([3, 2, 2], 21)
  v = orthogonality_penalty(w, alpha = 0.3)
  return sum(v * samples(shape(v), 50))
}
test "orthogonality_penalty" {
  t = zeros([1])
  g = grad(_orthogonality_penalty(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_orthogonality_penalty(2 * e), _orthogonality_penalty(e), _orthogonality_penalty(-e),
                            _orthogonality_penalty(-2 * e), 0.001), 1e-9)
  }
}
fn _tie_penalty(t: f[2]) {
  w = samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  v = samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  v = tie_penalty(w, v, alpha = 0.3)
  return sum(v * samples(shape(v), 50))
}
test "tie_penalty" {
  t = zeros([2])
  g = grad(_tie_penalty(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_tie_penalty(2 * e), _tie_penalty(e), _tie_penalty(-e), _tie_penalty(-2 * e), 0.001),
                 1e-9)
  }
}
fn _sparsity_penalty(t: f[1]) {
  h = 0.5 + 0.45 * samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  v = sparsity_penalty(h, rho = 0.1, alpha = 0.3)
  return sum(v * samples(shape(v), 50))
}
test "sparsity_penalty" {
  t = zeros([1])
  g = grad(_sparsity_penalty(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_sparsity_penalty(2 * e), _sparsity_penalty(e), _sparsity_penalty(-e),
                            _sparsity_penalty(-2 * e), 0.001), 1e-9)
  }
}
