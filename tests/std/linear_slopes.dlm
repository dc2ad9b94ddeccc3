# Gradients of std/linear with respect to every argument, in f64: within 1e-9, relatively, of central differences of order four along fixed
# directions.
import "samples"
import "std/linear"

fn _linear(t: f[3]) {
  x = samples([2, 3, 4], 1) + t[0] * samples([2, 3, 4], 21)
  w = samples([5, 4], 2) + t[1] * samples([5, 4], 22)
  b = samples([5], 3) + t[2] * samples([5], 23)
  y = linear(x, w, b)
  return sum(y * samples(shape(y), 50))
}
test "linear" {
  t = zeros([3])
  g = grad(_linear(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k], difference(_linear(2 * e), _linear(e), _linear(-e), _linear(-2 * e), 0.001), 1e-9)
  }
}
fn _matmul(t: f[2]) {
  a = samples([2, 1, 3, 4], 1) + t[0] * samples([2, 1, 3, 4], 21)
  b = samples([3, 4, 2], 2) + t[1] * samples([3, 4, 2], 22)
  y = matmul(a, b)
  return sum(y * samples(shape(y), 50))
}
test "matmul" {
  t = zeros([2])
  g = grad(_matmul(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_matmul(2 * e), _matmul(e), _matmul(-e), _matmul(-2 * e), 0.001), 1e-9)
  }
}
fn _dot(t: f[2]) {
  a = samples([7], 1) + t[0] * samples([7], 21)
  b = samples([7], 2) + t[1] * samples([7], 22)
  y = dot(a, b)
  y = [y]
  return sum(y * samples(shape(y), 50))
}
test "dot" {
  t = zeros([2])
  g = grad(_dot(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_dot(2 * e), _dot(e), _dot(-e), _dot(-2 * e), 0.001), 1e-9)
  }
}
fn _outer(t: f[2]) {
  a = samples([4], 1) + t[0] * samples([4], 21)
  b = samples([3], 2) + t[1] * samples([3], 22)
  y = outer(a, b)
  return sum(y * samples(shape(y), 50))
}
test "outer" {
  t = zeros([2])
  g = grad(_outer(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_outer(2 * e), _outer(e), _outer(-e), _outer(-2 * e), 0.001), 1e-9)
  }
}
fn _cosine_similarity(t: f[2]) {
  x = 3 * samples([2, 2, 3], 1) + t[0] * samples([2, 2, 3], 21)
  w = 2 * samples([2, 2, 3], 2) + t[1] * samples([2, 2, 3], 22)
  v = cosine_similarity(x, w)
  return sum(v * samples(shape(v), 50))
}
test "cosine_similarity" {
  t = zeros([2])
  g = grad(_cosine_similarity(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_cosine_similarity(2 * e), _cosine_similarity(e), _cosine_similarity(-e),
                            _cosine_similarity(-2 * e), 0.001), 1e-9)
  }
}
