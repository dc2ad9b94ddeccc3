# Recurrent layers over sequences [T, N, K] (Goodfellow et al., chapter 10).
import "std/init"
import "std/linear"

## Simple recurrent layer, h = tanh(W x + U h + b) (Goodfellow et al., section 10.2).  [T, N, K] -> [T, N, units].
layer rnn(xs: f[T, N, K], units: int) -> hs {
  param input_weight:     f[units, K]     ~ glorot_uniform(fan_in = K, fan_out = units)
  param recurrent_weight: f[units, units] ~ orthogonal
  param bias:             f[units]        ~ zeros
  hs = scan x in xs with h = zeros([N, units]) {
    h = tanh(linear(x, input_weight, bias) + linear(h, recurrent_weight))
    yield h
  }
}

## Long short-term memory (Hochreiter & Schmidhuber 1997; Goodfellow et al., section 10.10.1).  [T, N, K] -> [T, N, units].  Gates in the
## order input, forget, cell, output.
layer lstm(xs: f[T, N, K], units: int) -> hs {
  param input_weight:     f[4, units, K]     ~ glorot_uniform(fan_in = K, fan_out = units)
  param recurrent_weight: f[4, units, units] ~ orthogonal
  param bias:             f[4, units]        ~ zeros
  hs = scan x in xs with h = zeros([N, units]), c = zeros([N, units]) {
    z[g, b, u] = bias[g, u] + sum[k](x[b, k] * input_weight[g, u, k]) + sum[j](h[b, j] * recurrent_weight[g, u, j])
    c = sigmoid(z[1]) * c + sigmoid(z[0]) * tanh(z[2])
    h = sigmoid(z[3]) * tanh(c)
    yield h
  }
}

## Gated recurrent units (Cho et al. 2014; Goodfellow et al., section 10.10.2).  [T, N, K] -> [T, N, units].  Gates in the order reset,
## update, candidate; the reset gate multiplies after the product with the state.
layer gru(xs: f[T, N, K], units: int) -> hs {
  param input_weight:     f[3, units, K]     ~ glorot_uniform(fan_in = K, fan_out = units)
  param recurrent_weight: f[3, units, units] ~ orthogonal
  param bias:             f[3, units]        ~ zeros
  param candidate_bias:   f[units]           ~ zeros
  hs = scan x in xs with h = zeros([N, units]) {
    a[g, b, u] = bias[g, u] + sum[k](x[b, k] * input_weight[g, u, k])
    z[g, b, u] = sum[j](h[b, j] * recurrent_weight[g, u, j])
    reset  = sigmoid(a[0] + z[0])
    update = sigmoid(a[1] + z[1])
    h = update * h + (1 - update) * tanh(a[2] + reset * (z[2] + candidate_bias))
    yield h
  }
}
