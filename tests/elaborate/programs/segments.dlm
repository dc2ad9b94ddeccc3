# A recurrence in a checkpoint is cut into segments.  Its values and derivatives, of any order, are those of the same recurrence at once.
import "std/scalar"
import "std/derivative"

fn rnn(w: f[K, K], u: f[K, I], xs: f[T, I], h0: f[K]) -> hs {
  hs = scan x in xs with h = h0 {
    h[k] = tanh(sum[j](w[k, j] * h[j]) + sum[i](u[k, i] * x[i]))
    yield h
  }
}

fn squares(hs: f[T, K]) = sum[t, k](hs[t, k]^2 * (t + 1) / T)

test "gradients of every length" {
  for steps in [1, 2, 3, 4, 5, 7, 12, 16, 17, 100] {
    xs = normal(0, 1, [steps, 2])
    w = 0.5 * normal(0, 1, [3, 3])
    u = normal(0, 1, [3, 2])
    h0 = normal(0, 1, [3])
    plain = squares(rnn(w, u, xs, h0))
    cut = squares(checkpoint(rnn(w, u, xs, h0)))
    assert close(plain, cut, 1e-13)
    p1, p2, p3, p4 = grad(plain, [w, u, xs, h0])
    c1, c2, c3, c4 = grad(cut, [w, u, xs, h0])
    assert close(c1, p1, 1e-12)
    assert close(c2, p2, 1e-12)
    assert close(c3, p3, 1e-12)
    assert close(c4, p4, 1e-12)
  }
}

# Several carries, sequences and yields, one of them a number, and the place of the step.
fn cell(w: f[K, K], xs: f[T, K], ms: f[T], h0: f[K], c0: f[K]) -> hs, cs, ss {
  hs, cs, ss = scan x in xs, m in ms, t in 0..T with h = h0, c = c0, s = sum(h0) {
    a[k] = sum[j](w[k, j] * h[j]) + x[k]
    new[k] = sigmoid(a[k]) * c[k] + sin(x[k] + 0.1 * t)
    c = m * new + (1 - m) * c
    h[k] = tanh(c[k]) * sigmoid(a[k] + s)
    s = 0.5 * s + h[0]
    yield h, c, s
  }
}

fn weighted(hs: f[T, K], cs: f[T, K], ss: f[T]) = sum(hs^2) + sum(sin(cs)) + sum[t](ss[t] * cos(t))

test "several carries, sequences and yields, and a mask" {
  for steps in [5, 23] {
    xs = normal(0, 1, [steps, 2])
    ms[t < steps] = if t % 3 == 1 then 0 else 1.0
    w = 0.5 * normal(0, 1, [2, 2])
    h0 = normal(0, 1, [2])
    c0 = normal(0, 1, [2])
    hp, cp, sp = cell(w, xs, ms, h0, c0)
    hc, cc, sc = checkpoint(cell(w, xs, ms, h0, c0))
    assert close(hc, hp, 1e-13)
    assert close(cc, cp, 1e-13)
    assert close(sc, sp, 1e-13)
    p1, p2, p3, p4, p5 = grad(weighted(hp, cp, sp), [w, xs, ms, h0, c0])
    c1, c2, c3, c4, c5 = grad(weighted(hc, cc, sc), [w, xs, ms, h0, c0])
    assert close(c1, p1, 1e-12)
    assert close(c2, p2, 1e-12)
    assert close(c3, p3, 1e-12)
    assert close(c4, p4, 1e-12)
    assert close(c5, p5, 1e-12)
  }
}

test "the last step alone, the gradient of the steps, and every order" {
  for steps in [3, 16, 19] {
    xs = normal(0, 1, [steps, 2])
    w = 0.5 * normal(0, 1, [3, 3])
    u = normal(0, 1, [3, 2])
    h0 = normal(0, 1, [3])
    hp = rnn(w, u, xs, h0)
    hc = checkpoint(rnn(w, u, xs, h0))
    plain = sum[k](hp[steps - 1, k]^3)
    cut = sum[k](hc[steps - 1, k]^3)
    assert close(cut, plain, 1e-13)
    p1, p2 = grad(plain, [w, xs])
    c1, c2 = grad(cut, [w, xs])
    assert close(c1, p1, 1e-12)
    assert close(c2, p2, 1e-12)
    assert close(grad(cut, hc), grad(plain, hp), 1e-12)
    pp = grad(sum(p1^2) + sum(sin(p2)), w)
    cc = grad(sum(c1^2) + sum(sin(c2)), w)
    assert close(cc, pp, 1e-11)
    v = normal(0, 1, [3, 3])
    assert close(jvp(cut, w, v), jvp(plain, w, v), 1e-12)
    assert close(hvp(cut, w, v), hvp(plain, w, v), 1e-11)
    last = hc[steps - 1]
    assert close(grad(sum(last^2), hc), grad(sum[k](hp[steps - 1, k]^2), hp), 1e-12)
  }
}

fn clipped(w: f[K, K], xs: f[T, K]) -> hs {
  hs = scan x in xs with h = zeros([K]), truncate = 4 {
    h[k] = tanh(sum[j](w[k, j] * h[j]) + x[k])
    yield h
  }
}

test "truncated" {
  for steps in [16, 18] {
    xs = normal(0, 1, [steps, 2])
    w = normal(0, 1, [2, 2])
    p1, p2 = grad(squares(clipped(w, xs)), [w, xs])
    c1, c2 = grad(squares(checkpoint(clipped(w, xs))), [w, xs])
    assert close(c1, p1, 1e-12)
    assert close(c2, p2, 1e-12)
  }
}

# Each step runs a recurrence of its own.
fn nested(w: f[K, K], xs: f[T, K]) -> hs {
  hs = scan x in xs with h = zeros([K]) {
    gs = scan n in 0..5 with g = h {
      g[k] = tanh(sum[j](w[k, j] * g[j]) + x[k] / (n + 1))
      yield g
    }
    h = gs[4]
    yield h
  }
}

fn inner_checkpoint(w: f[K, K], xs: f[T, K]) -> hs {
  hs = scan x in xs with h = zeros([K]) {
    gs = checkpoint(scan n in 0..5 with g = h {
      g[k] = tanh(sum[j](w[k, j] * g[j]) + x[k] / (n + 1))
      yield g
    })
    h = gs[4]
    yield h
  }
}

test "recurrences in recurrences" {
  for steps in [3, 9] {
    xs = normal(0, 1, [steps, 2])
    w = normal(0, 1, [2, 2])
    p1, p2 = grad(squares(nested(w, xs)), [w, xs])
    a1, a2 = grad(squares(checkpoint(nested(w, xs))), [w, xs])
    b1, b2 = grad(squares(inner_checkpoint(w, xs)), [w, xs])
    c1, c2 = grad(squares(checkpoint(inner_checkpoint(w, xs))), [w, xs])
    assert close(a1, p1, 1e-12)
    assert close(a2, p2, 1e-12)
    assert close(b1, p1, 1e-12)
    assert close(b2, p2, 1e-12)
    assert close(c1, p1, 1e-12)
    assert close(c2, p2, 1e-12)
  }
}

fn slope(x: f) -> y {
  hs = checkpoint(scan t in 0..9 with h = x {
    h = sin(h + t)
    yield h
  })
  y = grad(hs[8], x)
}

test "at each point" {
  x = [0.3, -0.7]
  for n in 0..2 { assert close(slope(x)[n], slope(x[n]), 1e-13) }
}

test "a recurrence of numbers, differentiated three times" {
  x = normal(0, 1, [5])
  w = normal(0, 1, [])
  plain = scan e in x with h = 0 {
    h = tanh(h * w + e)
    yield h
  }
  cut = checkpoint(scan e in x with h = 0 {
    h = tanh(h * w + e)
    yield h
  })
  p = hvp(sum(plain^2), w, 1.0)
  c = hvp(sum(cut^2), w, 1.0)
  assert close(c, p, 1e-12)
  pw, px = grad(p, [w, x])
  cw, cx = grad(c, [w, x])
  assert close(cw, pw, 1e-12)
  assert close(cx, px, 1e-12)
}
