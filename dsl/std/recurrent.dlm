# Recurrent networks as functions of their weights (Goodfellow et al., chapter 10): `…_cell` is one step, `scan_…` a whole sequence
# [T, N, K] of T steps and N examples.  An example whose `lengths` is l keeps its state from step l on, so the last row of the states is the
# last state of every example.
import "linear"
import "scalar"

## x wᵀ + h uᵀ + b (Goodfellow et al., equation 10.8).  [N, K], [U, K], [N, V], [U, V], [U] -> [N, U].
##
##     affine([[1.0]], [[2.0]], [[3.0]], [[4.0]], [5.0]) == [[19.0]]
fn affine(x: f[N, K], w: f[U, K], h: f[N, V], u: f[U, V], b: f[U]) = linear(x, w, b) + linear(h, u)

## For each step and example, whether the step is one of its `lengths` first.  [N] -> [steps, N].
##
##     sequence_mask([2, 0], steps = 3) == [[true, false], [true, false], [false, false]]
fn sequence_mask(lengths: i32[N], steps: int) -> y {
  y[t < steps, n] = t < lengths[n]
}

## Each example's first `lengths` steps backwards, the others where they are.  [T, N, ..S] -> the same.
##
##     y = reverse([[1.0, 5.0], [2.0, 6.0], [3.0, 7.0]], lengths = [2, 3])
##     y == [[2.0, 7.0], [1.0, 6.0], [3.0, 5.0]]
fn reverse(xs: f[T, N, ..S], lengths: i32[N] = T) -> ys {
  from[t < T, n] = if t < lengths[n] then lengths[n] - 1 - t else t
  ys[t, n, ..s] = xs[from[t, n], n, ..s]
}

## One step later: row t is row t - 1, row 0 is `first`.  What a decoder sees under teacher forcing (Goodfellow et al., section 10.2.1).
## [T, ..S] -> the same.
##
##     delay([1.0, 2.0, 3.0]) == [0.0, 1.0, 2.0]
fn delay(xs: f[T, ..S], first: f[..S] = 0) -> ys {
  ys[t < T, ..s] = xs[t - 1, ..s else first[..s]]
}

## h' = leak h + (1 - leak) activation(x wᵀ + h uᵀ + b) (Goodfellow et al., equation 10.8; leaky units: section 10.9.2).  [N, K], [N, U] ->
## [N, U].
##
##     rnn_cell([[1.0]], [[0.5]], [[2.0]], [[4.0]], [0.0], activation = relu) == [[4.0]]
fn rnn_cell(x: f[N, K], h: f[N, U], w: f[U, K], u: f[U, U], b: f[U], activation: fn = tanh, leak: f[U] = 0) =
    leak * h + (1 - leak) * activation(affine(x, w, h, u, b))

## One step of an LSTM; the new state and the new cell (Hochreiter & Schmidhuber 1997).  Gates in the order input, forget, cell, output.
## `activation` is that of the cell's input: tanh in libraries, sigmoid in Goodfellow et al., equations 10.40 to 10.44.  `p` weighs the cell
## in the gates input, forget and output, the last of which sees the new cell (Gers & Schmidhuber 2000).  `forget_bias` is added to the
## forget gate's: 1 lets an untrained cell remember (Jozefowicz et al. 2015).  [N, K], [N, U], [N, U] -> [N, U], [N, U].
##
##     w = zeros([4, 1, 1])
##     h, c = lstm_cell([[1.0]], [[0.0]], [[2.0]], w, w, zeros([4, 1]))
##     c == [[1.0]]
##     h ≈ [[0.3808]]
fn lstm_cell(x: f[N, K], h: f[N, U], c: f[N, U], w: f[4, U, K], u: f[4, U, U], b: f[4, U], p: f[3, U] = 0,
             activation: fn = tanh, forget_bias: float = 0) -> h_next, c_next {
  z[g, n, i] = b[g, i] + sum[k](x[n, k] * w[g, i, k]) + sum[j](h[n, j] * u[g, i, j])
  c_next =
      sigmoid(z[1] + forget_bias + p[1] * c) * c + sigmoid(z[0] + p[0] * c) * activation(z[2])
  h_next = sigmoid(z[3] + p[2] * c_next) * tanh(c_next)
}

## One step of gated recurrent units (Cho et al. 2014).  Gates in the order reset, update, candidate.  The reset gate multiplies after the
## product with the state, and `candidate_bias` with it; `reset_before` puts it before the product, without that bias (Cho et al. 2014).
## With `reset_before` and the activation sigmoid these are equations 10.45 to 10.47 of Goodfellow et al., where x(t) is called x(t - 1).
## [N, K], [N, U] -> [N, U].
##
##     w = zeros([3, 1, 1])
##     gru_cell([[1.0]], [[2.0]], w, w, zeros([3, 1])) == [[1.0]]
fn gru_cell(x: f[N, K], h: f[N, U], w: f[3, U, K], u: f[3, U, U], b: f[3, U], candidate_bias: f[U] = 0,
            activation: fn = tanh, reset_before: bool = false) -> h_next {
  a[g, n, i] = b[g, i] + sum[k](x[n, k] * w[g, i, k])
  if reset_before {
    z[g < 2, n, i] = sum[j](h[n, j] * u[g, i, j])
    reset = sigmoid(a[0] + z[0])
    v[n, i] = sum[j](reset[n, j] * h[n, j] * u[2, i, j])
  } else {
    z[g, n, i] = sum[j](h[n, j] * u[g, i, j])
    v = sigmoid(a[0] + z[0]) * (z[2] + candidate_bias)
  }
  update = sigmoid(a[1] + z[1])
  h_next = update * h + (1 - update) * activation(a[2] + v)
}

## `rnn_cell` over a sequence: the state after every step (Goodfellow et al., section 10.2).  [T, N, K] -> [T, N, U].
##
##     hs = scan_rnn(ones([3, 1, 1]), [[1.0]], [[1.0]], [0.0], activation = relu)
##     hs == [[[1.0]], [[2.0]], [[3.0]]]
fn scan_rnn(xs: f[T, N, K], w: f[U, K], u: f[U, U], b: f[U], h0: f[N, U] = 0, activation: fn = tanh,
            leak: f[U] = 0, lengths: i32[N] = T) -> hs {
  hs = scan x in xs, on in sequence_mask(lengths, T) with h = h0 {
    to = rnn_cell(x, h, w, u, b, activation, leak)
    h[n, i] = if on[n] then to[n, i] else h[n, i]
    yield h
  }
}

## `lstm_cell` over a sequence: the state and the cell after every step (Goodfellow et al., section 10.10.1).  [T, N, K] -> [T, N, U], [T,
## N, U].
##
##     w = zeros([4, 1, 1])
##     hs, cs = scan_lstm(ones([3, 1, 1]), w, w, zeros([4, 1]), c0 = [[8.0]])
##     cs == [[[4.0]], [[2.0]], [[1.0]]]
fn scan_lstm(xs: f[T, N, K], w: f[4, U, K], u: f[4, U, U], b: f[4, U], p: f[3, U] = 0, h0: f[N, U] = 0,
             c0: f[N, U] = 0, activation: fn = tanh, forget_bias: float = 0, lengths: i32[N] = T) -> hs, cs {
  hs, cs = scan x in xs, on in sequence_mask(lengths, T) with h = h0, c = c0 {
    h_next, c_next = lstm_cell(x, h, c, w, u, b, p, activation, forget_bias)
    h[n, i] = if on[n] then h_next[n, i] else h[n, i]
    c[n, i] = if on[n] then c_next[n, i] else c[n, i]
    yield h, c
  }
}

## `gru_cell` over a sequence: the state after every step (Goodfellow et al., section 10.10.2).  [T, N, K] -> [T, N, U].
##
##     w = zeros([3, 1, 1])
##     hs = scan_gru(ones([3, 1, 1]), w, w, zeros([3, 1]), h0 = [[8.0]])
##     hs == [[[4.0]], [[2.0]], [[1.0]]]
fn scan_gru(xs: f[T, N, K], w: f[3, U, K], u: f[3, U, U], b: f[3, U], candidate_bias: f[U] = 0, h0: f[N, U] = 0,
            activation: fn = tanh, reset_before: bool = false, lengths: i32[N] = T) -> hs {
  hs = scan x in xs, on in sequence_mask(lengths, T) with h = h0 {
    to = gru_cell(x, h, w, u, b, candidate_bias, activation, reset_before)
    h[n, i] = if on[n] then to[n, i] else h[n, i]
    yield h
  }
}
