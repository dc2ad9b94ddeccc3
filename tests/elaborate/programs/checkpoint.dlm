# What `checkpoint` computes again has the value and the derivatives, of any order, of what it stands for.
import "std/nn"

fn block(x: f[N, K], w: f[K, K]) -> y {
  h = tanh(linear(x, w))
  y = x + linear(h * sigmoid(h), w)
}

test "a checkpoint changes no value and no gradient" {
  x = [[0.1, -0.2], [0.3, 0.7], [-1.0, 0.5]]
  w = [[0.5, -0.3], [0.2, 0.8]]
  plain = block(block(x, w), w)
  again = checkpoint(block(checkpoint(block(x, w)), w))
  assert close(again, plain, 0)
  gx, gw = grad(sum(plain^2), [x, w])
  ax, aw = grad(sum(again^2), [x, w])
  assert close(ax, gx, 1e-12)
  assert close(aw, gw, 1e-12)
  assert close(grad(sum(ax * aw[0, 0]), w), grad(sum(gx * gw[0, 0]), w), 1e-10)
}

test "a chain through pipes, a maximum and several results" {
  x = [[0.1, -0.2], [0.3, 0.7], [-1.0, 0.5]]
  w = [[0.5, -0.3], [0.2, 0.8]]
  y = x |> linear(w) |> softmax |> checkpoint
  assert close(grad(sum(y[:, 0]^2), w), grad(sum(softmax(linear(x, w))[:, 0]^2), w), 1e-12)
  top = checkpoint(max[k](exp(x)[n, k]))
  assert close(grad(sum(top^2), x), grad(sum(max[k](exp(x)[n, k])^2), x), 1e-12)
  m, v = checkpoint(channel_moments(x))
  p, q = channel_moments(x)
  assert close(grad(sum(m * v), x), grad(sum(p * q), x), 1e-12)
}

test "a recurrence and the body of one" {
  xs = [[0.1, -0.2], [0.3, 0.7], [-1.0, 0.5]]
  w  = [[0.5, -0.3], [0.2, 0.8]]
  hs = scan x in xs with h = zeros([2]) {
    h[i] = tanh(x[i] + sum[j](w[i, j] * h[j]))
    yield h
  }
  whole = checkpoint(scan x in xs with h = zeros([2]) {
    h[i] = tanh(x[i] + sum[j](w[i, j] * h[j]))
    yield h
  })
  steps = scan x in xs with h = zeros([2]) {
    z[i] = x[i] + sum[j](w[i, j] * h[j])
    h = checkpoint(tanh(z))
    yield h
  }
  assert close(whole, hs, 0)
  assert close(steps, hs, 0)
  a, b = grad(sum(hs^2), [xs, w])
  c, d = grad(sum(whole^2), [xs, w])
  e, f = grad(sum(steps^2), [xs, w])
  assert close(c, a, 1e-12)
  assert close(d, b, 1e-12)
  assert close(e, a, 1e-12)
  assert close(f, b, 1e-12)
}

fn ridge(x: f) -> y {
  z = checkpoint(tanh(x) * x)
  y = grad(z, x)
}

test "at each point, and of what is no tensor" {
  x = [0.3, -0.7]
  assert close(ridge(x), tanh(x) + x * (1 - tanh(x)^2), 1e-12)
  assert checkpoint(3) == 3
}
