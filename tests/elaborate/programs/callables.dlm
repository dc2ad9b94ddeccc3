# Functions as arguments: functions of the file and of the library, what the language brings, calls that leave out their first arguments.
import "std/nn"

fn twice(x: f[..], g: fn) = g(g(x))
fn each(x: f[.., K], g: fn = relu) -> y {
  y[.., k] = g(x[.., k])
}
fn rows(x: f[N, K], over: fn = mean) -> y {
  y[n] = over[k](x[n, k])
}
fn columns(x: f[N, K], along: fn = softmax) -> y {
  y[n, k] = along[m](x[m, k])[n]
}
fn scaled(x: f[K], by: f, g: fn) -> y {
  y[k] = by * g(x[k])
}
fn fold(x: f[..], steps: fn[..]) -> y {
  y = x
  for step in steps { y = step(y) }
}

test "a function is an argument" {
  x = [[1.0, -2.0], [3.0, 4.0]]
  assert close(twice(x, tanh), tanh(tanh(x)), 1e-12)
  assert close(twice(x, g = leaky_relu), [[1.0, -0.0002], [3.0, 4.0]], 1e-12)
  assert close(each(x), relu(x), 0)
  assert close(each(x, if true then tanh else exp), tanh(x), 1e-12)
}

test "a call that leaves out the first arguments is a function" {
  x = [[1.0, -2.0], [3.0, 4.0]]
  assert close(each(x, leaky_relu(slope = 0.5)), [[1.0, -1.0], [3.0, 4.0]], 1e-12)
  assert close(each(x, leaky_relu(0.5)), [[1.0, -1.0], [3.0, 4.0]], 1e-12)
  assert close(twice(x, each(g = sigmoid)), sigmoid(sigmoid(x)), 1e-12)
  assert close(twice(x, twice(g = twice(g = sin))), sin(sin(sin(sin(sin(sin(sin(sin(x)))))))), 1e-12)
}

test "a reduction and a function of a vector are functions" {
  x = [[1.0, -2.0], [3.0, 4.0]]
  assert close(rows(x), [-0.5, 3.5], 0)
  assert close(rows(x, max), [1.0, 4.0], 0)
  assert close(rows(x, argmax), [0, 1], 0)
  assert close(columns(x, log_softmax), log(columns(x)), 1e-12)
  assert close(columns(x)[0, 0], 1 / (1 + exp(2.0)), 1e-12)
  assert close(rows(x, variance(correction = 1)), [4.5, 0.5], 1e-12)
}

test "what is given differs from point to point" {
  x = [1.0, -2.0]
  by = [2.0, 3.0, 4.0]
  y[i, k] = scaled(x, by[i], leaky_relu(slope = 0.5))[k]
  assert close(y, [[2.0, -2.0], [3.0, -3.0], [4.0, -4.0]], 1e-12)
  z[i] = norm2[k](by[i] * x[k])
  assert close(z, sqrt(5.0) * by, 1e-12)
}

test "a list of functions" {
  x = [1.0, -2.0]
  assert close(fold(x, [sin, leaky_relu(slope = 0.5), exp]), exp(leaky_relu(sin(x), 0.5)), 1e-12)
  assert close(fold(x, []), x, 0)
}

test "the gradient goes through what is called" {
  x = [[1.0, -2.0], [3.0, 4.0]]
  assert close(grad(sum(each(x, sin)), x), cos(x), 1e-12)
  assert close(grad(rows(x, max)[1], x), [[0.0, 0.0], [0.0, 1.0]], 0)
}

fn cell(x: f) = 2 * x
fn stretched(x: f[..], cell: fn, by: float = 3) = cell(x, slope = by)

test "what is given comes before a function of its name" {
  assert close(stretched([1.0, -1.0], leaky_relu), [1.0, -3.0], 1e-12)
  assert close(cell(1.0), 2.0, 0)
}

layer noisy(x: f[N]) -> y {
  param seed: f[N] ~ uniform(1, 2)
  param step: f[N] ~ uniform(1, 2)
  y = x * seed * step
}

test "a parameter may be called as what random numbers depend on" {
  assert all(noisy([1.0, 2.0]) >= [1.0, 2.0])
}

fn weighted(x: f[.., K], w: f[K], scale: float = 1) -> y { y[..] = scale * sum[k](w[k] * x[.., k]) }

fn above(x: f[K], least: f) = sum[k | x[k] > least](x[k])

test "a function along an index takes further arguments" {
  x = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
  w = [1.0, 10.0, 100.0]
  y[j] = weighted[i](x[i, j], w, scale = 2)
  assert y == [1062, 1284]
  by = [100.0, 0.5]
  own[j] = above[i](x[i, j], by[j])
  assert own == [0, 12]
  assert weighted[i](x[i, j], w) == [531, 642]
}

test "gradients of numbers along an index, each by itself" {
  x = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
  w = [1.0, -1.0]
  loss[b] = sum[k](x[b, k] * w[k])^2
  g = grad[b](loss[b], w)
  assert g == [[-2, -4], [-6, -8], [-10, -12]]
  norms[b] = sqrt(sum[k](grad[b](loss[b], w)[b, k]^2))
  assert close(norms[0], sqrt(20.0), 1e-6)
}
