# Derivatives beyond the gradient, against those written out by hand.
import "std/derivative"

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
