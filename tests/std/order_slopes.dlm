# Gradients of std/order with respect to every argument, in f64: within 1e-9, relatively, of central differences of order four along fixed
# directions.
import "samples"
import "std/order"

## The values of `top_k`.
fn top_values(x: f[.., K]) -> values {
  values, positions = top_k(x, 3)
}
fn _sort(t: f[1]) {
  x = 2 * samples([2, 5], 1) + t[0] * samples([2, 5], 21)
  v = sort(x)
  return sum(v * samples(shape(v), 50))
}
test "sort" {
  t = zeros([1])
  g = grad(_sort(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_sort(2 * e), _sort(e), _sort(-e), _sort(-2 * e), 0.001), 1e-9)
  }
}
fn _sort_descending(t: f[1]) {
  x = 2 * samples([2, 5], 1) + t[0] * samples([2, 5], 21)
  v = sort(x, descending = true)
  return sum(v * samples(shape(v), 50))
}
test "sort, descending" {
  t = zeros([1])
  g = grad(_sort_descending(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_sort_descending(2 * e), _sort_descending(e), _sort_descending(-e),
                            _sort_descending(-2 * e), 0.001), 1e-9)
  }
}
fn _quantile(t: f[1]) {
  x = 2 * samples([2, 5], 1) + t[0] * samples([2, 5], 21)
  v = quantile(x, 0.3)
  return sum(v * samples(shape(v), 50))
}
test "quantile" {
  t = zeros([1])
  g = grad(_quantile(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_quantile(2 * e), _quantile(e), _quantile(-e), _quantile(-2 * e), 0.001), 1e-9)
  }
}
fn _median(t: f[1]) {
  x = 2 * samples([2, 5], 1) + t[0] * samples([2, 5], 21)
  v = median(x)
  return sum(v * samples(shape(v), 50))
}
test "median" {
  t = zeros([1])
  g = grad(_median(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_median(2 * e), _median(e), _median(-e), _median(-2 * e), 0.001), 1e-9)
  }
}
fn _cumsum(t: f[1]) {
  x = 2 * samples([2, 5], 1) + t[0] * samples([2, 5], 21)
  v = cumsum(x)
  return sum(v * samples(shape(v), 50))
}
test "cumsum" {
  t = zeros([1])
  g = grad(_cumsum(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_cumsum(2 * e), _cumsum(e), _cumsum(-e), _cumsum(-2 * e), 0.001), 1e-9)
  }
}
fn _cumprod(t: f[1]) {
  x = 2 * samples([2, 5], 1) + t[0] * samples([2, 5], 21)
  v = cumprod(x)
  return sum(v * samples(shape(v), 50))
}
test "cumprod" {
  t = zeros([1])
  g = grad(_cumprod(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_cumprod(2 * e), _cumprod(e), _cumprod(-e), _cumprod(-2 * e), 0.001), 1e-9)
  }
}
fn _cummax(t: f[1]) {
  x = 2 * samples([2, 5], 1) + t[0] * samples([2, 5], 21)
  v = cummax(x)
  return sum(v * samples(shape(v), 50))
}
test "cummax" {
  t = zeros([1])
  g = grad(_cummax(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_cummax(2 * e), _cummax(e), _cummax(-e), _cummax(-2 * e), 0.001), 1e-9)
  }
}
fn _take(t: f[1]) {
  x = 2 * samples([2, 5], 1) + t[0] * samples([2, 5], 21)
  index = [[0, 3, 3], [4, 1, 0]]
  v = take(x, index)
  return sum(v * samples(shape(v), 50))
}
test "take" {
  t = zeros([1])
  g = grad(_take(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_take(2 * e), _take(e), _take(-e), _take(-2 * e), 0.001), 1e-9)
  }
}
fn _scatter_add(t: f[2]) {
  x = 2 * samples([2, 5], 1) + t[0] * samples([2, 5], 21)
  v = samples([2, 3], 2) + t[1] * samples([2, 3], 22)
  index = [[0, 3, 3], [4, 1, 0]]
  v = scatter_add(x, index, v)
  return sum(v * samples(shape(v), 50))
}
test "scatter_add" {
  t = zeros([2])
  g = grad(_scatter_add(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_scatter_add(2 * e), _scatter_add(e), _scatter_add(-e), _scatter_add(-2 * e), 0.001),
                 1e-9)
  }
}
fn _top_k(t: f[1]) {
  x = 2 * samples([2, 5], 1) + t[0] * samples([2, 5], 21)
  v = top_values(x)
  return sum(v * samples(shape(v), 50))
}
test "top_k" {
  t = zeros([1])
  g = grad(_top_k(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_top_k(2 * e), _top_k(e), _top_k(-e), _top_k(-2 * e), 0.001), 1e-9)
  }
}
