# `grad` is an expression.
import "std/derivative"

fn square_norm(x: f[..]) = sum(x^2)

test "a Hessian-vector product of a quadratic is A v" {
  a = [[2.0, 1.0], [1.0, 3.0]]
  x = [0.5, -1.0]
  v = [1.0, 2.0]
  q = 0.5 * sum[i, j](x[i] * a[i, j] * x[j])
  g = grad(q, x)
  assert close(g, [0, -2.5])
  assert close(grad(sum[i](g[i] * v[i]), x), [4.0, 7.0], 1e-6)
}
test "through functions and rebinding" {
  x = [1.0, 2.0]
  assert close(grad(square_norm(x), x), [2, 4])
  y = x * 3
  z = sum(y^2)
  assert close(grad(z, y), [6, 12])
  assert close(grad(z, x), [18, 36])
  g = grad(z, [x, y])
  assert close(g[1], [6, 12])
}
test "branches not taken contribute nothing" {
  x = [0.0, 4.0]
  r = if x > 0 then sqrt(x) else 0
  assert close(grad(sum(r), x), [0, 0.25])
  terms[i < 2] = sum[j | j == i](log(x[j] + 1))
  assert close(grad(sum(terms), x), [1, 0.2])
}
test "stop_gradient" {
  x = [3.0]
  assert close(grad(sum(x * stop_gradient(x)), x), [3])
}
test "ties and kinks" {
  x = [1.0, 1.0]
  assert close(grad(max(x), x), [1, 0])
  assert close(grad(sum(max(x, 1)), x), [0, 0])
  z = [0.0]
  assert close(grad(sum(abs(z)), z), [0])
}
test "products at zero" {
  x = [0.0, 2.0, 3.0]
  assert close(grad(prod(x), x), [6, 0, 0])
  g = grad(prod(x), x)
  assert close(grad(g[1], x), [3, 0, 0])
}

fn squares(v: f[T]) = sum(v * v)
fn scaled(x: f, factor: float) = x * factor

test "a named list is a tensor, whose entries a gradient follows" {
  x = [[1.0, 2.0], [3.0, 4.0]]
  assert close(grad(sum(x[1] * x[1]), x), [[0, 0], [6, 8]], 1e-12)
  assert close(grad(squares(x[1]), x), [[0, 0], [6, 8]], 1e-12)
  v = x[0]
  assert close(grad(v[1] * v[1] + x[1, 0], x), [[0, 4], [1, 0]], 1e-12)
  w = [0.5, 3, 2]
  y[i < 2] = w[1] * x[i, 0] + w[i]
  assert close(grad(sum(y), w), [1, 1 + 4, 0], 1e-12)
  assert close(grad(sum(w[1:]), w), [0, 1, 1], 1e-12)
  l = [v, x[1]]
  assert close(grad(sum(l * l), x), [[2, 4], [6, 8]], 1e-12)
  r = [w, w]
  assert close(grad(sum(r[0] * r[1]) + sum([r, r]), w), [5, 10, 8], 1e-12)
  # Where a static is needed an entry is one all the same.
  rate = w[0]
  assert close(scaled(2, w[1]) + scaled(2, rate), 7, 1e-12)
  n = [2, 3]
  assert shape(zeros([n[1], n[0]])) == [3, 2]
}

fn states(x: f[T, N], w: f[N, N]) -> hs {
  hs = scan v in x with h = zeros([N]) {
    z[i] = tanh(sum[j](w[i, j] * h[j]) + v[i])
    h = z
    yield h
  }
}

test "directions, and all derivatives, also through recurrences" {
  x = [[0.5, -0.25], [1.0, 0.75], [-0.5, 0.125]]
  w = [[0.3, -0.7], [0.9, 0.2]]
  hs = states(x, w)
  last = hs[2]
  j = jacobian(last, x)
  jw = jacobian(last, w)
  assert shape(j) == [2, 3, 2]
  assert close(j[0], grad(last[0], x), 1e-12)
  assert close(j[1], grad(last[1], x), 1e-12)
  assert close(jw[1], grad(last[1], w), 1e-12)
  v = [[1.0, 2.0], [-1.0, 0.5]]
  t = jvp(last, w, v)
  assert close(t, [sum(jw[0] * v), sum(jw[1] * v)], 1e-12)
  both = jvp(last, [w, x], [v, x])
  assert close(both, [sum(jw[0] * v) + sum(j[0] * x), sum(jw[1] * v) + sum(j[1] * x)], 1e-12)
  # Forward over reverse equals reverse over forward.
  loss = sum(hs * hs)
  g = grad(loss, w)
  assert close(jvp(g, w, v), grad(jvp(loss, w, v), w), 1e-10)
  h = jacobian(g, w)
  assert close(h[0, 1], grad(g[0, 1], w), 1e-10)
  assert close(jvp(x[0] * 2, x, x), x[0] * 2, 1e-12)
}

optimizer descent(lr: float = 0.25, momentum: float = 0) {
  state v = 0
  v <- momentum * v + g
  w <- w - lr * v
}
optimizer ahead(lr: float = 0.25) {
  g = gradient(w - lr)
  w <- w - lr * g
}
fn parabola(w: f[..]) = 0.5 * sum(w^2)
## Where two steps lead, as a function of a number: the inner loop of a function of numbers.
fn settled(x: f) -> y {
  p = [x, 2 * x]
  w = minimize(p, parabola, descent, steps = 2)
  y = w[0] + w[1]
}

test "minimize: the steps of an optimizer are part of the program" {
  x = [1.0, -2.0]
  assert all(minimize(x, parabola, descent) == [0.75, -1.5])
  assert all(minimize(x, parabola, descent(lr = 0.5), steps = 3) == [0.125, -0.25])
  # v = 1, then 0.5 + 0.75.
  assert all(minimize([1.0], parabola, descent(momentum = 0.5), steps = 2) == [0.4375])
  # The gradient is asked for at 0.75 and at 0.8125 - 0.25.
  assert all(minimize([1.0], parabola, ahead, steps = 2) == [0.671875])
  assert all(minimize(x, sum, optimizer = descent, steps = 0) == x)
}
test "minimize: derivatives through the steps" {
  x = [1.0, -2.0]
  y = minimize(x, quartic, descent(lr = 0.125), steps = 2)
  z = x - 0.125 * x^3
  assert close(y, z - 0.125 * z^3, 1e-12)
  assert close(grad(sum(y), x), (1 - 0.375 * x^2) * (1 - 0.375 * z^2), 1e-12)
  assert close(jvp(minimize(x, parabola, descent(momentum = 0.5), steps = 2), x, [1.0, 2.0]), [0.4375, 0.875], 1e-12)
}
fn quartic(w: f[..]) = 0.25 * sum(w^4)
test "minimize within a recurrence, a function of numbers and another minimize" {
  xs = [[1.0], [2.0], [4.0]]
  ys = scan x in xs with h = zeros([1]) {
    h = minimize(h + x, parabola, descent(momentum = 0.5), steps = 2)
    yield h
  }
  # Two steps leave 0.4375 of h + x.
  assert close(ys, [[0.4375], [0.4375 * 2.4375], [0.4375 * (4 + 0.4375 * 2.4375)]], 1e-12)
  assert close(settled([1.0, 2.0]), [3 * 0.75^2, 6 * 0.75^2], 1e-12)
  # What a step of the inner loop leaves of w is 3/4 of it: the outer loss is w² 9/32.
  assert close(minimize([1.0], after_a_step, descent(lr = 1)), [1 - 9 / 16], 1e-12)
}
fn after_a_step(w: f[N]) = parabola(minimize(w, parabola, descent))
layer weighted(x: f[K]) -> y {
  param weight: f[K] ~ normal(0, 1)
  y = 0.5 * sum(weight * x^2)
}
test "minimize: a shared layer has the same parameters at every step" {
  shared energy = weighted()
  x = [1.0, -2.0]
  weight = grad(energy(x), x) / x
  assert close(minimize(x, energy, descent, steps = 2), x * (1 - 0.25 * weight)^2, 1e-12)
}

# A running product of many elements is differentiated as a recurrence: no pairs of elements, exact at zeros.
fn products(x: f[N, K]) -> y { y[n, k < K] = prod[j | j <= k](sin(x[n, j])) }
fn stepped(x: f[N, K]) -> y {
  turned[k, n] = sin(x[n, k])
  ps = scan e in turned with p = ones([N]) {
    p = p * e
    yield p
  }
  y[n, k] = ps[k, n]
}
fn from_behind(x: f[K]) -> y { y[k < K] = prod[j | j >= k, j % 3 != 1](x[j] + 1) }
fn behind_stepped(x: f[K]) -> y {
  ps = scan t in 0..K with p = 1.0 {
    k = K - 1 - t
    p = if k % 3 != 1 then p * (x[k] + 1) else p
    yield p
  }
  y[k < K] = ps[K - 1 - k]
}

test "running products" {
  x = normal(0, 1, [2, 20])
  x[n, k] = if k == 4 or k == 9 * n then 0 else x[n, k]
  w = normal(0, 1, [2, 20])
  v = normal(0, 1, [2, 20])
  a = sum(w * products(x))
  b = sum(w * stepped(x))
  assert close(a, b, 1e-13)
  assert close(grad(a, x), grad(b, x), 1e-12)
  assert close(jvp(products(x), x, v), jvp(stepped(x), x, v), 1e-12)
  assert close(hvp(a, x, v), hvp(b, x, v), 1e-12)
  z = normal(0, 1, [30])
  z[k] = if k == 11 then -1 else z[k]
  c = sum[k](from_behind(z)[k] * sin(k))
  d = sum[k](behind_stepped(z)[k] * sin(k))
  assert close(grad(c, z), grad(d, z), 1e-12)
  assert close(hvp(c, z, ones([30])), hvp(d, z, ones([30])), 1e-12)
}
