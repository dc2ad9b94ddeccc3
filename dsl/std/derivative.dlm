# Derivatives beyond the gradient (Goodfellow et al., sections 4.3 and 8.2).

## vᵀ dy/dx: `v` weighs the elements of `y`.  The result is linear in `v` and may be differentiated by it.
fn vjp(y: f[..Y], x: f[..X], v: f[..Y]) {
  # The gradient of vᵀ (dy/dx) u by u, since that of vᵀ y by x would see what `v` makes of `x`.
  u = zeros(shape(x))
  return grad(sum(v * jvp(y, x, u)), u)
}

## H v with H the second derivatives of `loss` by `x`, at about twice the cost of a gradient (Pearlmutter, 1994).
fn hvp(loss: f, x: f[..X], v: f[..X]) = jvp(grad(loss, x), x, v)

## All second derivatives of `loss` by `x`, of the shape of `x` twice.
fn hessian(loss: f, x: f[..X]) = jacobian(grad(loss, x), x)

## The gradient of each element of `losses` by itself: `[b, …]` is that of `losses[b]`.
fn per_example_gradients(losses: f[B], w: f[..W]) = jacobian(losses, w)

test "products with the second derivatives" {
  x = [1.0, 2.0, -1.0]
  loss = x[0] * x[0] * x[1] + x[2]^3
  assert close(hessian(loss, x), [[4.0, 2.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, -6.0]], 1e-9)
  assert close(hvp(loss, x, [1.0, 0.0, 2.0]), [4.0, 2.0, -12.0], 1e-9)
}

test "the derivatives of a map" {
  x = [0.5, 2.0]
  y = [x[0] * x[1], x[0] + x[1], x[1]^2]
  assert close(jacobian(y, x), [[2.0, 0.5], [1.0, 1.0], [0.0, 4.0]], 1e-9)
  v = [1.0, 0.0, 1.0]
  assert close(vjp(y, x, v), [2.0, 4.5], 1e-9)
  assert close(vjp(y, x, y), [4.5, 19.0], 1e-9)
  assert close(grad(sum([1.0, 10.0] * vjp(y, x, v)), v), [7.0, 11.0, 40.0], 1e-9)
  assert close(jvp(y, x, [1.0, -1.0]), [1.5, 0.0, -4.0], 1e-9)
}

test "a gradient for each example" {
  w = [1.0, -1.0]
  x = [[1.0, 2.0], [3.0, 0.5], [0.0, 1.0]]
  e[b] = sum[k](w[k] * x[b, k])
  g = per_example_gradients(e * e, w)
  assert close(g[0], [-2.0, -4.0], 1e-9)
  assert close(sum[b](g[b, ..k]), grad(sum(e * e), w), 1e-9)
}
