# A physics-informed network for Burgers' equation (Raissi, Perdikaris & Karniadakis 2019).
import "std/nn"
import "std/optim"

## A solution of Burgers' equation u_t + u u_x = viscosity u_xx: a front from 1 on the left to 0 on the right that moves at the speed 1/2.
fn front(x: f, t: f, viscosity: float) = 0.5 - 0.5 * tanh((x - 0.5 * t) / (4 * viscosity))

test "the front solves the equation" {
  x = [-0.7, 0.1, 0.3, 0.9]
  t = [0.0, 0.4, 0.6, 1.0]
  u = front(x, t, 0.05)
  u_x, u_t = grad(sum(u), [x, t])
  u_xx     = grad(sum(u_x), x)
  assert close(u_t + u * u_x, 0.05 * u_xx, 1e-12)
}

## A network of place and time, [N], [N] -> [N].
layer field(x: f[N], t: f[N], units: int, depth: int) -> u {
  h[n, k < 2] = if k == 0 then x[n] else t[n]
  for i in 0..depth { h = h |> dense(units) |> tanh }
  y = h |> dense(1)
  u[n] = y[n, 0]
}

model Burgers(viscosity: float = 0.05, units: int = 32, depth: int = 4, points: int = 512, edge: int = 64) {
  shared u = field(units = units, depth = depth)

  # Within the domain, x in [-1, 1] and t in [0, 1]: what the derivatives of the network by its inputs leave of the equation.
  x = uniform(-1, 1, [points])
  t = uniform(0, 1, [points])
  value    = u(x, t)
  u_x, u_t = grad(sum(value), [x, t])
  u_xx     = grad(sum(u_x), x)
  equation = mean((u_t + value * u_x - viscosity * u_xx)^2)

  # The initial values at t = 0, and the values at both ends.
  x_0 = uniform(-1, 1, [edge])
  t_0 = zeros([edge])
  initial = mean((u(x_0, t_0) - front(x_0, t_0, viscosity))^2)
  t_b = uniform(0, 1, [edge])
  x_b[n < edge] = if n % 2 == 0 then -1.0 else 1.0
  boundary = mean((u(x_b, t_b) - front(x_b, t_b, viscosity))^2)

  loss residual = equation + initial + boundary

  # Against the solution, on a grid of 32 by 32 points.
  x_g[n < 1024] = -1 + 2 / 31 * (n % 32)
  t_g[n < 1024] = 1 / 31 * (n // 32)
  exact = front(x_g, t_g, viscosity)
  output prediction     = u(x_g, t_g)
  metric relative_error = sqrt(sum((prediction - exact)^2) / sum(exact^2))
}

train {
  optimizer = adam(lr = 2e-3)
  schedule  = cosine(last = 1e-5)
  epochs    = 5000
}
