# Functions at each point: of a vector along an index beside others, of numbers that make tensors on the way.

fn length(v: f[K]) = sqrt(sum(v^2))
fn unit(v: f[K]) -> y {
  n = length(v)
  y[k] = v[k] / n
}
fn center(v: f[..]) = v - mean(v)
fn rank(v: f[K]) -> r { r[i] = sum[j](v[j] < v[i]) }
fn pick(v: f[K]) -> y {
  a = argmax[k](v[k])
  y = v[a]
}
fn extremes(v: f[K]) -> low, high {
  low  = min(v)
  high = max(v)
}
fn powers(x: f) -> p { p[i < 3] = x^i }
fn largest(x: f, c: f) -> y {
  p[i < 4] = x * i + c
  y = max[i](p[i])
}
fn rotation(a: f) = [[cos(a), -sin(a)], [sin(a), cos(a)]]
fn slope(x: f) -> g {
  y = tanh(x)
  g = grad(y, x)
}
fn second(x: f) -> y {
  p = powers(x)
  y = p[1] + p[2]
}
fn limited(i: i64, n: int) -> y {
  p = [i, 0, n - 1]
  y = p[0] + p[1] - max([p[0] - p[2], 0]) - min([p[0], 0])
}
fn likelihood(v: f[K]) = sum(log(v))
fn weighted(x: f, w: f[K]) -> y {
  p[k] = x * w[k]
  y = logsumexp(p)
}

test "a function of a vector along an index beside others" {
  x = [[3.0, 4.0], [6.0, 8.0]]
  n[a] = length[j](x[a, j])
  assert close(n, [5, 10], 1e-12)
  assert close(length[j](x[a, j]), [5, 10], 1e-12)
  u[k, a] = unit[j](x[a, j])[k]
  assert close(u, [[0.6, 0.6], [0.8, 0.8]], 1e-12)
  c[a, k] = center[j](x[a, j])[k]
  assert close(c, [[-0.5, 0.5], [-1, 1]], 1e-12)
  d[a, b] = length[j](x[a, j] - x[b, j])
  assert close(d, [[0, 5], [5, 0]], 1e-12)
  p[a] = pick[j](-x[a, j])
  assert close(p, [-3, -6], 1e-12)
  t = length[a](length[j](x[a, j]))
  assert close(t, 11.180339887498949, 1e-12)
  z = [[2.0, 9.0, 4.0], [7.0, 5.0, 6.0]]
  r[a, i] = rank[k](z[a, k])[i]
  assert all(r == [[0, 2, 1], [2, 0, 1]])
  assert close(grad(sum(n), x), [[0.6, 0.8], [0.6, 0.8]], 1e-12)
  assert close(grad(sum(p), x), [[-1, 0], [-1, 0]], 1e-12)
  g = grad(sum(c * [[1.0, 0.0], [0.0, 3.0]]), x)
  assert close(g, [[0.5, -0.5], [-1.5, 1.5]], 1e-12)
}

test "functions of numbers that make tensors" {
  x = [1.0, 2.0]
  assert close(powers(x), [[1, 1, 1], [1, 2, 4]], 1e-12)
  assert close(largest(x, [0.5, 0.0]), [3.5, 6], 1e-12)
  m[i, j] = largest(x[i] - 2, x[j])
  assert close(m, [[1, 2], [1, 2]], 1e-12)
  assert close(largest([[1.0], [2.0]], x), [[4, 5], [7, 8]], 1e-12)
  assert close(second(x), [2, 6], 1e-12)
  assert close(slope([0.0]), [1], 1e-12)
  s[i] = slope(0 * x[i]) * i
  assert close(s, [0, 1], 1e-12)
  assert close(weighted([0.0, 0.0], [5.0, 6.0]), [0.6931471805599453, 0.6931471805599453], 1e-12)
  v = [[1.0, 0.0], [0.0, 1.0]]
  y[n, i] = sum[j](rotation(0 * x[n])[i, j] * v[n, j])
  assert close(y, v, 1e-12)
  assert shape(rotation(x)) == [2, 2, 2]
  assert close(grad(sum(second(x)), x), [3, 5], 1e-12)
}

test "lists inside an equation" {
  x = [1.0, -2.0]
  y[n] = max([x[n], 0, -x[n] / 2])
  assert close(y, [1, 1], 1e-12)
  z[n, k] = [x[n], 10, x[n] * x[n]][k]
  assert close(z, [[1, 10, 1], [-2, 10, 4]], 1e-12)
  e[n] = logsumexp([x[n], x[n]]) - x[n]
  assert close(e, [0.6931471805599453, 0.6931471805599453], 1e-12)
  w = [10.0, 20.0, 30.0]
  at = [-4, 1, 9]
  c[n] = w[limited(at[n], 3)]
  assert close(c, [10, 20, 30], 1e-12)
}

test "what is not chosen has no slope, however deep it stands" {
  x = [[1.0, 2.0], [-1.0, 0.0], [4.0, 4.0]]
  y[i] = if x[i, 0] > 0 then sum[k](log(x[i, k])) else 0
  assert close(grad(sum(y), x), [[1, 0.5], [0, 0], [0.25, 0.25]], 1e-12)
  z = sum[i | x[i, 0] > 0](sum[k](log(x[i, k])))
  assert close(grad(z, x), [[1, 0.5], [0, 0], [0.25, 0.25]], 1e-12)
  u[i] = if i != 1 then sum[k](log(x[i, k])) else 0
  assert close(grad(sum(u), x), [[1, 0.5], [0, 0], [0.25, 0.25]], 1e-12)
  v[i] = if x[i, 0] > 0 then likelihood[k](x[i, k]) else 0
  assert close(grad(sum(v), x), [[1, 0.5], [0, 0], [0.25, 0.25]], 1e-12)
  m = sum[i | x[i, 0] > 0](max[k](sqrt(x[i, k])))
  assert close(grad(m, x), [[0, 0.35355339059327373], [0, 0], [0.25, 0]], 1e-12)
}

test "else knows that it stands outside" {
  x = [1.0, 2.0]
  z = [3.0, 4.0, 5.0]
  y[i < 5] = x[i else z[i - 2]]
  assert close(y, [1, 2, 3, 4, 5], 1e-12)
  w[i < 5] = x[i else sum[k](z[i - 2] * z[k])]
  assert close(w, [1, 2, 36, 48, 60], 1e-12)
  assert close(grad(sum(y * y), z), [6, 8, 10], 1e-12)
}

test "a view at one position that is data" {
  x = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
  a = argmax(x[1])
  assert close(x[:, a], [3, 6], 1e-12)
  assert close(grad(sum(x[:, a]^2), x), [[0, 0, 6], [0, 0, 12]], 1e-12)
}

test "backwards, and divided by zero" {
  x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
  y[i < 9] = x[8 - i] + 0 * x[i]
  assert close(y, [9, 8, 7, 6, 5, 4, 3, 2, 1], 1e-12)
  z = x - 5
  assert z[5] / 0 == inf and z[3] / 0 == -inf
  q = z / 0
  assert q[0] == -inf and q[8] == inf and not q[4] == q[4]
  e = zeros([2, 0])
  m[i < 2] = mean[k](e[i, k])
  assert not any(m == m)
}

fn settle(x: f) -> y {
  hs = scan t in 0..3 with h = 0 {
    h = 0.5 * h + x
    yield h
  }
  y = hs[2]
}
fn straight(x: f) = floor(x) with adjoint {
  x = d_result
}

test "loops and given adjoints along an axis of one element" {
  x = [[2.5, 1.0]]
  assert close(settle(x), [[4.375, 1.75]], 1e-12)
  assert close(grad(sum(settle(x)), x), [[1.75, 1.75]], 1e-12)
  assert close(grad(sum(settle(x[:, 0])^2), x), [[15.3125, 0]], 1e-12)
  assert close(straight(x[:, 0]), [2], 1e-12)
  assert close(grad(sum(10 * straight(x[:, 0])), x), [[10, 0]], 1e-12)
}

fn times_entry(x: f[N], i: i64) -> y: f {
  z[n] = x[n] * x[i]
  y = sum(z)
}
fn entry(x: f[N], i: i64) -> y: f { y = x[i] }

test "positions that are data, at points and in a scan" {
  x = [1.0, 2.0, 3.0]
  at = [2, 0, 1]
  assert close(times_entry(x, at), [18, 6, 12], 0)
  hs = scan t in 0..3 with h = 0.0 {
    w[n] = x[n] + h
    h = h + sum(times_entry(w, at)) / 36 + entry(x, at[t])
    yield h
  }
  ones = [1.0, 1.0, 1.0]
  # (6 + 3 h)^2 / 36 = (1 + h / 2)^2 more, and the entry
  a = 1 + 3
  b = a + (1 + a / 2)^2 + 1
  assert close(hs, [a, b, b + (1 + b / 2)^2 + 2])
}
