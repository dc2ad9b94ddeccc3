# Text, one character at a time: an embedding, a recurrent layer, a distribution over the next character.
import "std/nn"
import "std/loss"
import "std/optim"

layer lstm_cell(xs: f[T, N, K], units: int) -> hs {
  param input_weight:     f[4, units, K]     ~ glorot_uniform(fan_in = K, fan_out = units)
  param recurrent_weight: f[4, units, units] ~ glorot_uniform(fan_in = units, fan_out = units)
  param bias:             f[4, units]        ~ zeros
  hs = scan x in xs with h = zeros([N, units]), c = zeros([N, units]) {
    z[g, b, u] = bias[g, u] + sum[k](x[b, k] * input_weight[g, u, k]) + sum[j](h[b, j] * recurrent_weight[g, u, j])
    c = sigmoid(z[1]) * c + sigmoid(z[0]) * tanh(z[2])
    h = sigmoid(z[3]) * tanh(c)
    yield h
  }
}
model Lstm(vocabulary: int = 96, units: int = 256) {
  input  text: i32[Batch, 64]
  target next: i32[Batch, 64]
  param table: f[vocabulary, units] ~ normal(0, 1)
  e[t, b, u] = table[text[b, t], u]
  logits = lstm_cell(e, units) |> dense(vocabulary)
  wanted[t, b] = next[b, t]
  loss cross_entropy = mean(softmax_cross_entropy(logits, wanted))
}

train {
  batch     = 32
  optimizer = adam(lr = 1e-3)
}
