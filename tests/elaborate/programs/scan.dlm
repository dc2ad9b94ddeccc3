# Recurrences: sequences, ranges, several carries and yields, loops in loops, the step as a place, truncation.
import "std/scalar"
import "std/nn"

fn running(x: f[T, ..S]) -> y {
  y = scan v in x with s = zeros(S) {
    s = s + v
    yield s
  }
}

test "a running sum is a prefix sum, and its gradient a suffix sum" {
  x = [1.0, -2.0, 4.0]
  assert close(running(x), [1.0, -1.0, 3.0], 0)
  w = [1.0, 10.0, 100.0]
  y = running(x)
  loss = sum[t](w[t] * y[t])
  assert close(grad(loss, x), [111.0, 110.0, 100.0], 0)
}

test "several sequences, carries and yields" {
  x = [1.0, 2.0, 3.0]
  m = [1.0, 0.0, 1.0]
  hs, cs = scan v in x, keep in m with h = 0, c = 1 {
    old = h
    h = keep * (h + v) + (1 - keep) * h
    c = c * 2 + old
    yield h, c
  }
  assert close(hs, [1.0, 1.0, 4.0], 0)
  assert close(cs, [2.0, 5.0, 11.0], 0)
}

test "a range gives the step, which is a place and a number" {
  x = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]
  y = scan t in 0..4 with s = zeros([2]) {
    row = x[3 - t]
    z[k] = s[k] + row[k] + x[t, 1 - k] * t
    s = z
    yield z
  }
  # t = 0: x[3]; t = 1: + x[2] + x[1] swapped; …
  assert close(y, [[7.0, 8.0], [16.0, 17.0], [31.0, 31.0], [56.0, 54.0]], 0)
  loss = sum[t, k](y[t, k])
  # Row r is read at t = 3 - r, which counts in the sums of steps t..3, and at t = r times r.
  assert close(grad(loss, x), [[1.0, 1.0], [2.0 + 3.0, 5.0], [3.0 + 4.0, 7.0], [4.0 + 3.0, 7.0]], 0)
}

test "a window into a tensor moves with the step" {
  x = [1.0, 2.0, 3.0, 4.0, 5.0]
  y = scan t in 0..5 with s = 0 {
    w[j < 3] = x[t + j - 1 else 0] * (j + 1)
    s = 0.5 * s + sum(w)
    yield s
  }
  assert close(y, [8.0, 18.0, 29.0, 40.5, 34.25], 0)
  g = grad(y[4], x)
  assert close(g,
               [2.0 / 16 + 1.0 / 8, 3.0 / 16 + 2.0 / 8 + 1.0 / 4, 3.0 / 8 + 2.0 / 4 + 1.0 / 2, 3.0 / 4 + 2.0 / 2 + 1.0,
                3.0 / 2 + 2.0], 1e-7)
}

test "a loop in a loop" {
  x = [[1.0, 2.0], [3.0, 4.0]]
  y = scan row in x with s = 0 {
    inner = scan v in row with p = s {
      p = 0.5 * p + v
      yield p
    }
    s = inner[1]
    yield inner
  }
  assert close(y, [[1.0, 2.5], [4.25, 6.125]], 0)
  loss = y[1, 1]
  assert close(grad(loss, x), [[0.125, 0.25], [0.5, 1.0]], 1e-7)
}

test "a loop gives what its steps written out give" {
  w = [[0.3, -0.2], [0.5, 0.1]]
  x = [[1.0, 0.5], [-1.0, 2.0], [0.25, -0.5]]
  hs = scan v in x with h = zeros([2]) {
    z[i] = tanh(sum[j](w[i, j] * h[j]) + v[i])
    h = z
    yield h
  }
  looped = sum(hs * hs)
  g = zeros([2])
  total = 0.0
  for t in 0..3 {
    z[i] = tanh(sum[j](w[i, j] * g[j]) + x[t, i])
    g = z
    total = total + sum(g * g)
  }
  assert close(looped, total, 1e-6)
  assert close(grad(looped, w), grad(total, w), 1e-6)
  assert close(grad(looped, x), grad(total, x), 1e-6)
  a = grad(looped, w)
  b = grad(total, w)
  assert close(grad(sum(a * a), w), grad(sum(b * b), w), 1e-5)
}

test "a truncated loop forgets what came before its window" {
  x = [1.0, 1.0, 1.0, 1.0, 1.0]
  y = scan v in x with h = 0, truncate = 2 {
    h = 0.5 * h + v
    yield h
  }
  assert close(y, [1.0, 1.5, 1.75, 1.875, 1.9375], 0)
  assert close(grad(y[3], x), [0.0, 0.0, 0.5, 1.0, 0.0], 0)
  assert close(grad(y[4], x), [0.0, 0.0, 0.0, 0.0, 1.0], 0)
}

test "what is drawn in a step is drawn anew in the next" {
  u = scan t in 0..64 with s = 0 {
    s = s + 1
    yield uniform(0, 1, [16])
  }
  assert abs(mean(u) - 0.5) < 0.05
  assert sum[t, i](u[t, i] == u[0, i]) == 16
  one = uniform(0, 1, [64, 16])
  assert all(one < 1)
}

test "no steps" {
  x = zeros([0, 3])
  assert close(running(x), zeros([0, 3]), 0)
}

fn decayed(v: f[T]) -> y {
  y = scan x in v with s = 0 {
    s = 0.5 * s + x
    yield s
  }
}
fn last_of(v: f[T]) -> y {
  s = decayed(v)
  y = s[T - 1]
}
fn grown(r: f) -> y {
  y = scan x in [1.0, 2.0, 4.0] with s = 0 {
    s = r * s + x
    yield s
  }
}
fn collatz(n: f) -> y {
  hs = scan t in 0..3 with h = n {
    h = if h % 2 == 0 then h / 2 else 3 * h + 1
    yield h
  }
  y = hs[2]
}
fn logs(v: f[T]) -> y {
  hs = scan x in v with h = 0 {
    h = h + log(x)
    yield h
  }
  y = hs[T - 1]
}
fn table(v: f[T]) -> y {
  y = scan a in v with s = 0 {
    row = scan b in v with p = s {
      p = a * p + b
      yield p
    }
    s = row[T - 1]
    yield row
  }
}

test "a loop at each point" {
  x = [[1.0, 2.0, 4.0], [8.0, 0.0, 1.0]]
  y[i] = last_of[j](x[i, j])
  assert close(y, [5.25, 3.0], 1e-12)
  s[k, i] = decayed[j](x[i, j])[k] * i
  assert close(s, [[0, 8.0], [0, 4.0], [0, 3.0]], 1e-12)
  assert close(grad(sum(y), x), [[0.25, 0.5, 1.0], [0.25, 0.5, 1.0]], 1e-12)
  r = [[0.5, 2.0, -1.0]]
  assert close(grown(r), [[[1, 2.5, 5.25], [1, 4, 12], [1, 1, 3]]], 1e-12)
  z[i, k] = grown(r[0, i])[k] * k
  assert close(z, [[0, 2.5, 10.5], [0, 4, 24], [0, 1, 6]], 1e-12)
  assert close(grad(sum(z), r), [[1 + 2 * 3, 1 + 2 * 6, 1 + 2 * 0]], 1e-12)
  assert close(collatz([1.0, 2.0, 3.0, 4.0]), [1, 2, 16, 4], 1e-12)
  t[i, a, b] = table[j](x[i, j])[a, b]
  assert close(t[0], table(x[0]), 1e-12)
  assert close(t[1], table(x[1]), 1e-12)
  once = grad(sum(table(x[1])), x)
  each[i, a, b] = if i == 1 then table[j](x[i, j])[a, b] else 0
  assert close(grad(sum(each), x), once, 1e-10)
}

test "a loop that is not chosen has no slope" {
  x = [[1.0, 2.0], [0.0, 4.0]]
  y[i] = if x[i, 0] > 0 then logs[j](x[i, j]) else 0
  assert close(grad(sum(y), x), [[1.0, 0.5], [0, 0]], 1e-12)
}

test "a wide recurrence, whose factors are laid out in panels" {
  w[i < 64, j < 64] = sin(0.7 * i + 0.3 * i * j) / 8
  x[t < 4, n < 3, k < 64] = cos(t + 0.5 * n + 0.1 * k)
  hs = scan v in x with h = zeros([3, 64]) {
    z[n, i] = tanh(sum[j](w[i, j] * h[n, j]) + v[n, i])
    h = z
    yield h
  }
  looped = sum(hs * hs)
  g = zeros([3, 64])
  total = 0.0
  for t in 0..4 {
    z[n, i] = tanh(sum[j](w[i, j] * g[n, j]) + x[t, n, i])
    g = z
    total = total + sum(g * g)
  }
  assert close(looped, total, 1e-6)
  assert close(grad(looped, w), grad(total, w), 1e-5)
  assert close(grad(looped, x), grad(total, x), 1e-5)
}

layer cell(x: f[N, K], h: f[N, U]) -> y { y = tanh(dense(x, U) + dense(h, U)) }

test "a layer in a loop has one set of parameters" {
  x = [[[1.0, 2.0]], [[1.0, 2.0]]]
  ys = scan v in x with h = zeros([1, 3]) {
    y = v |> dense(3)
    yield y
  }
  assert close(ys[0], ys[1], 1e-12)
  hs = scan v in x with h = zeros([1, 3]) {
    h = cell(v, h)
    yield h
  }
  assert abs(sum(hs[0] - hs[1])) > 1e-9
}

test "of no elements" {
  y = scan e in zeros([3, 0, 2]) with h = zeros([0, 2]) {
    h = tanh(h + e)
    yield h
  }
  assert shape(y) == [3, 0, 2]
  none = []
  assert sum(none) == 0
  assert shape(none) == [0]
}
