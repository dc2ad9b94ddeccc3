# Gradients of std/unit with respect to every argument, in f64: within 1e-9, relatively, of central differences of order four along fixed
# directions.
import "samples"
import "std/unit"

fn _glu(t: f[1]) {
  x = 2 * samples([2, 6], 1) + t[0] * samples([2, 6], 21)
  v = glu(x)
  return sum(v * samples(shape(v), 50))
}
test "glu" {
  t = zeros([1])
  g = grad(_glu(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_glu(2 * e), _glu(e), _glu(-e), _glu(-2 * e), 0.001), 1e-9)
  }
}
fn _reglu(t: f[1]) {
  x = 2 * samples([2, 6], 1) + t[0] * samples([2, 6], 21)
  v = reglu(x)
  return sum(v * samples(shape(v), 50))
}
test "reglu" {
  t = zeros([1])
  g = grad(_reglu(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_reglu(2 * e), _reglu(e), _reglu(-e), _reglu(-2 * e), 0.001), 1e-9)
  }
}
fn _geglu(t: f[1]) {
  x = 2 * samples([2, 6], 1) + t[0] * samples([2, 6], 21)
  v = geglu(x)
  return sum(v * samples(shape(v), 50))
}
test "geglu" {
  t = zeros([1])
  g = grad(_geglu(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_geglu(2 * e), _geglu(e), _geglu(-e), _geglu(-2 * e), 0.001), 1e-9)
  }
}
fn _swiglu(t: f[1]) {
  x = 2 * samples([2, 6], 1) + t[0] * samples([2, 6], 21)
  v = swiglu(x)
  return sum(v * samples(shape(v), 50))
}
test "swiglu" {
  t = zeros([1])
  g = grad(_swiglu(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_swiglu(2 * e), _swiglu(e), _swiglu(-e), _swiglu(-2 * e), 0.001), 1e-9)
  }
}
fn _maxout(t: f[1]) {
  x = 2 * samples([2, 6], 1) + t[0] * samples([2, 6], 21)
  v = maxout(x, 3)
  return sum(v * samples(shape(v), 50))
}
test "maxout" {
  t = zeros([1])
  g = grad(_maxout(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_maxout(2 * e), _maxout(e), _maxout(-e), _maxout(-2 * e), 0.001), 1e-9)
  }
}
fn _rbf(t: f[3]) {
  x = samples([2, 3], 1) + t[0] * samples([2, 3], 21)
  c = samples([4, 3], 2) + t[1] * samples([4, 3], 22)
  w = 1.2 + 0.5 * samples([4], 3) + t[2] * samples([4], 23)
  v = rbf(x, c, w)
  return sum(v * samples(shape(v), 50))
}
test "rbf" {
  t = zeros([3])
  g = grad(_rbf(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k], difference(_rbf(2 * e), _rbf(e), _rbf(-e), _rbf(-2 * e), 0.001), 1e-9)
  }
}
