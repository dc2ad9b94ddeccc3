import "std/derivative"

# Straight-through: rounds forwards, lets the gradient pass.
fn quantize(x: f[..S]) -> y = floor(x + 0.5) with adjoint {
  x = d_y
}

fn reverse_gradient(x: f[..S], strength: f) = x with adjoint {
  x = -strength * d_result
  strength = 0
}

# The derivative of softmax, written by its result.
fn soft(x: f[N]) -> p {
  e = exp(x - max(x))
  p = e / sum(e)
} with adjoint {
  x = p * (d_p - sum(p * d_p))
}
fn soft_plain(x: f[N]) -> p {
  e = exp(x - max(x))
  p = e / sum(e)
}

# Two results and a value of the body.
fn polar(x: f, y: f) -> r, angle {
  s = x * x + y * y
  r = sqrt(s)
  angle = atan2(y, x)
} with adjoint {
  x = d_r * x / r - d_angle * y / s
  y = d_r * y / r + d_angle * x / s
}
fn polar_plain(x: f, y: f) -> r, angle {
  r = sqrt(x * x + y * y)
  angle = atan2(y, x)
}

fn polar_length(x: f, y: f) = sqrt(x * x + y * y) with adjoint {
  x = d_result * x / result
  y = d_result * y / result
}

fn clipped(x: f[..S]) = x with adjoint {
  x = max(min(d_result, 1), -1)
}

test "replaces the derivative" {
  x = [0.2, 0.7, 1.4]
  w = [1.0, 2.0, 3.0]
  assert close(quantize(x), [0, 1, 1], 1e-12)
  assert close(grad(sum(w * quantize(x)), x), w, 1e-12)
  assert close(grad(sum(w * clipped(x)), x), [1, 1, 1], 1e-12)
  assert close(jvp(quantize(x), x, w), w, 1e-12)
  a = 2.0 * x
  k = 0.5 + 0 * x[0]
  assert close(grad(sum(w * reverse_gradient(a, k)), x), -w, 1e-12)
}

test "any order, and both modes" {
  x = [0.2, -0.7, 0.4]
  w = [1.0, 2.0, -3.0]
  assert close(grad(sum(w * soft(x)), x), grad(sum(w * soft_plain(x)), x), 1e-12)
  assert close(jvp(soft(x), x, w), jvp(soft_plain(x), x, w), 1e-12)
  assert close(jacobian(soft(x), x), jacobian(soft_plain(x), x), 1e-12)
  assert close(hessian(sum(w * soft(x)), x), hessian(sum(w * soft_plain(x)), x), 1e-12)
  g = grad(sum(w * soft(x)), x)
  h = grad(sum(w * soft_plain(x)), x)
  assert close(hvp(sum(g * g), x, w), hvp(sum(h * h), x, w), 1e-11)
}

test "several results, of numbers, at points" {
  x = [1.0, -2.0, 0.5]
  y = [0.5, 1.0, -2.0]
  r, angle = polar(x, y)
  r2, angle2 = polar_plain(x, y)
  assert close(r, r2, 1e-12)
  assert close(grad(sum(r * r * angle), x), grad(sum(r2 * r2 * angle2), x), 1e-12)
  assert close(grad(sum(r * r * angle), y), grad(sum(r2 * r2 * angle2), y), 1e-12)
  g = grad(sum(r * angle), x)
  g2 = grad(sum(r2 * angle2), x)
  assert close(grad(sum(g * g), y), grad(sum(g2 * g2), y), 1e-11)
  z[i] = polar_length(x[i], 2 * y[i])
  assert close(grad(sum(z), x), x / sqrt(x^2 + 4 * y^2), 1e-12)
  v = [0.4, 0.6]
  xs = [[0.1, 0.2], [0.3, -0.4], [1.0, 2.0]]
  m[b, k] = soft[j](v[j] * xs[b, j])[k]
  m2[b, k] = soft_plain[j](v[j] * xs[b, j])[k]
  assert close(grad(sum(m * m * xs), v), grad(sum(m2 * m2 * xs), v), 1e-12)
  assert close(hessian(sum(m * m * xs), v), hessian(sum(m2 * m2 * xs), v), 1e-11)
}

test "in a loop and in a checkpoint" {
  xs = [[0.1, 0.2], [0.3, -0.4], [1.0, 2.0]]
  w = [0.3, -0.2]
  h = scan x in xs with h = [0.0, 0.0] {
    h = soft(h + w * x)
    yield h
  }
  k = scan x in xs with k = [0.0, 0.0] {
    k = soft_plain(k + w * x)
    yield k
  }
  assert close(grad(sum(h[2] * [1.0, 3.0]), w), grad(sum(k[2] * [1.0, 3.0]), w), 1e-12)
  assert close(hessian(sum(h[2] * [1.0, 3.0]), w), hessian(sum(k[2] * [1.0, 3.0]), w), 1e-11)
  c = checkpoint(soft(soft(w)))
  d = soft_plain(soft_plain(w))
  assert close(grad(c[0], w), grad(d[0], w), 1e-12)
  assert close(hessian(c[0], w), hessian(d[0], w), 1e-11)
}
