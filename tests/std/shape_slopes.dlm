# Gradients of std/shape with respect to every argument, in f64: within 1e-9, relatively, of central differences of order four along fixed
# directions.
import "samples"
import "std/shape"

fn _flatten(t: f[1]) {
  x = samples([2, 3, 4], 1) + t[0] * samples([2, 3, 4], 21)
  y = flatten(x)
  return sum(y * samples(shape(y), 50))
}
test "flatten" {
  t = zeros([1])
  g = grad(_flatten(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_flatten(2 * e), _flatten(e), _flatten(-e), _flatten(-2 * e), 0.001), 1e-9)
  }
}
fn _transpose(t: f[1]) {
  x = samples([2, 3, 4], 1) + t[0] * samples([2, 3, 4], 21)
  y = transpose(x)
  return sum(y * samples(shape(y), 50))
}
test "transpose" {
  t = zeros([1])
  g = grad(_transpose(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_transpose(2 * e), _transpose(e), _transpose(-e), _transpose(-2 * e), 0.001), 1e-9)
  }
}
fn _concat(t: f[2]) {
  a = samples([2, 3], 1) + t[0] * samples([2, 3], 21)
  b = samples([2, 4], 2) + t[1] * samples([2, 4], 22)
  y = concat(a, b)
  return sum(y * samples(shape(y), 50))
}
test "concat" {
  t = zeros([2])
  g = grad(_concat(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_concat(2 * e), _concat(e), _concat(-e), _concat(-2 * e), 0.001), 1e-9)
  }
}
fn _stack_rows(t: f[2]) {
  a = samples([2, 3], 1) + t[0] * samples([2, 3], 21)
  b = samples([4, 3], 2) + t[1] * samples([4, 3], 22)
  y = stack_rows(a, b)
  return sum(y * samples(shape(y), 50))
}
test "stack_rows" {
  t = zeros([2])
  g = grad(_stack_rows(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_stack_rows(2 * e), _stack_rows(e), _stack_rows(-e), _stack_rows(-2 * e), 0.001),
                 1e-9)
  }
}
fn _pad(t: f[1]) {
  x = samples([2, 1, 3, 4], 1) + t[0] * samples([2, 1, 3, 4], 21)
  y = pad(x, [1, 2], [0, 3], 0.5)
  return sum(y * samples(shape(y), 50))
}
test "pad" {
  t = zeros([1])
  g = grad(_pad(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_pad(2 * e), _pad(e), _pad(-e), _pad(-2 * e), 0.001), 1e-9)
  }
}
