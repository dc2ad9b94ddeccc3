import "std/linear"

init scaled(fan_in: int, gain: float = 1) = normal(0, gain / sqrt(fan_in), shape)

## A gated cell over time.
layer cell(xs: f[T, N, K], units: int = 64) -> hs, last: f[N, units] {
  param input_weight:     f[2, units, K]     ~ scaled(fan_in = K)
  param recurrent_weight: f[2, units, units] ~ orthogonal
  param bias:             f[2, units]
  state steps = 0
  state seen: f[units] = 0
  hs, gates = scan x in xs, t in 0..T with h = zeros([N, units]), g = zeros([N, units]) {
    z[k, n, u] = bias[k, u] + sum[i](x[n, i] * input_weight[k, u, i]) + sum[j](h[n, j] * recurrent_weight[k, u, j])
    g = sigmoid(z[0])
    h = g * h + (1 - g) * tanh(z[1])
    yield h, g
  }
  last = hs[T - 1]
  steps <- steps + 1
  if training { seen <- mean(hs) } else { assert not units < 1, "no units" }
}

fn safe_log(x: f) = if x > 0 then log(x) else -inf with adjoint {
  x = if x > 0 then 1 / x else 0
}

optimizer lookahead(lr: float = 0.1, momentum: float = 0.9) {
  state v = 0
  g = gradient(w + momentum * v)
  v <- momentum * v - lr * g / (1 - 0.9^t)
  w <- w + v
}
