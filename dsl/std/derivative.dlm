# Derivatives beyond the gradient (Goodfellow et al., sections 4.3 and 8.2).

## vᵀ dy/dx: `v` weighs the elements of `y` (Goodfellow et al., equation 6.46).  The result is linear in `v` and may be differentiated by
## it.  [..Y], [..X], [..Y] -> [..X].
##
##     x = [1.0, 2.0]
##     vjp([x[0] * x[1], x[1]^2], x, [1.0, 10.0]) == [2.0, 41.0]
fn vjp(y: f[..Y], x: f[..X], v: f[..Y]) {
  # The gradient of vᵀ (dy/dx) u by u, since that of vᵀ y by x would see what `v` makes of `x`.
  u = zeros(shape(x))
  return grad(sum(v * jvp(y, x, u)), u)
}

## H v with H the second derivatives of `loss` by `x`, at about twice the cost of a gradient (Pearlmutter 1994).  A number, [..X], [..X] ->
## [..X].
##
##     x = [1.0, 2.0]
##     hvp(x[0]^2 * x[1], x, [1.0, 10.0]) == [24.0, 2.0]
fn hvp(loss: f, x: f[..X], v: f[..X]) = jvp(grad(loss, x), x, v)

## All second derivatives of `loss` by `x` (Goodfellow et al., equation 4.6).  A number, [..X] -> [..X, ..X].
##
##     x = [1.0, 2.0]
##     hessian(x[0]^2 * x[1], x) == [[4.0, 2.0], [2.0, 0.0]]
fn hessian(loss: f, x: f[..X]) = jacobian(grad(loss, x), x)

## The gradient of each element of `losses` by itself: `[b, …]` is that of `losses[b]`.  [B], [..W] -> [B, ..W].
##
##     w = [1.0, 2.0]
##     per_example_gradients([3 * w[0], w[0] * w[1]], w) == [[3.0, 0.0], [2.0, 1.0]]
fn per_example_gradients(losses: f[B], w: f[..W]) = jacobian(losses, w)
