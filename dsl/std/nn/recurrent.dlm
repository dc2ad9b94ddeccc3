# Recurrent layers over sequences [T, N, K] of T steps and N examples (Goodfellow et al., chapter 10).  Those of one result chain:
# `xs |> lstm(64) |> gru(32)`.  `rnn`, `lstm` and `gru` take
#   h0            the state before the first step,
#   lengths       the number of steps of each example, which then keeps its state, so that `hs[T - 1]` is the last state of them all,
#   backward      whether to read from each example's last step to its first; `hs[0]` is then the last state.
import "std/attention"
import "std/init"
import "std/linear"
import "std/nn/dense"
import "std/nn/noise"
import "std/recurrent"
import "std/shape"

## Simple recurrent layer, h' = activation(W x + U h + b), activation tanh or relu, say (Goodfellow et al., section 10.2).  With `leak` a,
## h' = a h + (1 - a) activation(…): leaky units, whose memory halves in ln(1/2) / ln(a) steps, a number for all or one for each unit
## (section 10.9.2).  [T, N, K] -> [T, N, units].
##
##     xs = ones([7, 2, 3])
##     shape(xs |> rnn(5, activation = relu)) == [7, 2, 5]
layer rnn(xs: f[T, N, K], units: int, h0: f[N, units] = 0, lengths: i32[N] = T, activation: fn = tanh,
          leak: f[units] = 0, backward: bool = false) -> hs {
  param input_weight:     f[units, K]     ~ glorot_uniform(fan_in = K, fan_out = units)
  param recurrent_weight: f[units, units] ~ orthogonal
  param bias:             f[units]        ~ zeros
  if backward { xs = reverse(xs, lengths) }
  hs = scan_rnn(xs, input_weight, recurrent_weight, bias, h0, activation, leak, lengths)
  if backward { hs = reverse(hs, lengths) }
}

## Long short-term memory (Hochreiter & Schmidhuber 1997; Goodfellow et al., section 10.10.1), all states and all cells.  `activation`, that
## of the cell's input, is tanh in libraries and sigmoid in the book's equations 10.40 to 10.44; `peephole` lets the gates see the cell
## (Gers & Schmidhuber 2000); `forget_bias` is added to the forget gate's bias, 1 for long memories (Jozefowicz et al. 2015).  Gates in the
## order input, forget, cell, output.  [T, N, K] -> [T, N, units], [T, N, units].
##
##     hs, cs = lstm_states(ones([7, 2, 3]), units = 5, peephole = true, forget_bias = 1)
##     shape(cs) == [7, 2, 5]
layer lstm_states(xs: f[T, N, K], units: int, h0: f[N, units] = 0, c0: f[N, units] = 0, lengths: i32[N] = T,
                  activation: fn = tanh, peephole: bool = false, forget_bias: float = 0,
                  backward: bool = false) -> hs, cs {
  param input_weight:     f[4, units, K]     ~ glorot_uniform(fan_in = K, fan_out = units)
  param recurrent_weight: f[4, units, units] ~ orthogonal
  param bias:             f[4, units]        ~ zeros
  p = 0
  if peephole {
    param peephole_weight: f[3, units] ~ zeros
    p = peephole_weight
  }
  if backward { xs = reverse(xs, lengths) }
  hs, cs = scan_lstm(xs, input_weight, recurrent_weight, bias, p, h0, c0, activation, forget_bias, lengths)
  if backward {
    hs = reverse(hs, lengths)
    cs = reverse(cs, lengths)
  }
}

## The states of `lstm_states`, to be passed on (Hochreiter & Schmidhuber 1997).  [T, N, K] -> [T, N, units].
##
##     shape(ones([7, 2, 3]) |> lstm(5) |> lstm(4, lengths = [7, 3])) == [7, 2, 4]
layer lstm(xs: f[T, N, K], units: int, h0: f[N, units] = 0, c0: f[N, units] = 0, lengths: i32[N] = T,
           activation: fn = tanh, peephole: bool = false, forget_bias: float = 0, backward: bool = false) -> hs {
  param input_weight:     f[4, units, K]     ~ glorot_uniform(fan_in = K, fan_out = units)
  param recurrent_weight: f[4, units, units] ~ orthogonal
  param bias:             f[4, units]        ~ zeros
  p = 0
  if peephole {
    param peephole_weight: f[3, units] ~ zeros
    p = peephole_weight
  }
  if backward { xs = reverse(xs, lengths) }
  hs, cs = scan_lstm(xs, input_weight, recurrent_weight, bias, p, h0, c0, activation, forget_bias, lengths)
  if backward { hs = reverse(hs, lengths) }
}

## Gated recurrent units (Cho et al. 2014; Goodfellow et al., section 10.10.2).  Gates in the order reset, update, candidate; the reset gate
## multiplies after the product with the state, with `reset_before` before it, as in Cho et al.  The book's equations 10.45 to 10.47 are
## `gru(units, activation = sigmoid, reset_before = true)`.  [T, N, K] -> [T, N, units].
##
##     shape(ones([7, 2, 3]) |> gru(5, backward = true)) == [7, 2, 5]
layer gru(xs: f[T, N, K], units: int, h0: f[N, units] = 0, lengths: i32[N] = T, activation: fn = tanh,
          reset_before: bool = false, backward: bool = false) -> hs {
  param input_weight:     f[3, units, K]     ~ glorot_uniform(fan_in = K, fan_out = units)
  param recurrent_weight: f[3, units, units] ~ orthogonal
  param bias:             f[3, units]        ~ zeros
  b = 0
  if not reset_before {
    param candidate_bias: f[units] ~ zeros
    b = candidate_bias
  }
  if backward { xs = reverse(xs, lengths) }
  hs = scan_gru(xs, input_weight, recurrent_weight, bias, b, h0, activation, reset_before, lengths)
  if backward { hs = reverse(hs, lengths) }
}

## An echo-state reservoir (Jaeger 2001; Goodfellow et al., section 10.8): leaky tanh units whose weights are drawn once and never trained.
## The recurrent matrix is `spectral_radius` times an orthogonal one, all of whose eigenvalues have that modulus; input weights are uniform
## in +-`input_scale`.  A linear layer behind it is what learns.  [T, N, K] -> [T, N, units].
##
##     shape(ones([7, 2, 3]) |> reservoir(50, spectral_radius = 0.9, leak = 0.3)) == [7, 2, 50]
layer reservoir(xs: f[T, N, K], units: int, spectral_radius: float = 0.9, input_scale: float = 1, leak: f[units] = 0,
                h0: f[N, units] = 0, lengths: i32[N] = T) -> hs {
  state input_weight:     f[units, K]     = uniform(-1, 1)
  state recurrent_weight: f[units, units] = orthogonal
  hs = scan_rnn(xs, input_scale * input_weight, spectral_radius * recurrent_weight, zeros([units]), h0, leak = leak,
                lengths = lengths)
}

## A recurrent layer both ways, backward from the end of each example; the states of both side by side, forward first (Schuster & Paliwal
## 1997): `xs |> bidirectional(gru(32))`.  [T, N, K] -> [T, N, 2 units].
##
##     shape(ones([7, 2, 3]) |> bidirectional(gru(5))) == [7, 2, 10]
layer bidirectional(xs: f[T, N, K], cell: fn, lengths: i32[N] = T) -> hs {
  ahead = cell(xs, lengths = lengths)
  back  = cell(reverse(xs, lengths), lengths = lengths)
  hs = concat(ahead, reverse(back, lengths))
}

## Recurrent layers on top of each other with dropout `p` between them (Goodfellow et al., section 10.5):
## `xs |> recurrent([bidirectional(lstm(64)), lstm(32)], p = 0.3, lengths = lengths)`.  [T, N, K] -> [T, N, units of the last].
##
##     ys = ones([7, 2, 3]) |> recurrent([bidirectional(lstm(5)), gru(4)], p = 0.3)
##     shape(ys) == [7, 2, 4]
layer recurrent(xs: f[T, N, K], cells: fn[L], p: float = 0, lengths: i32[N] = T) -> hs {
  hs = xs
  for i in 0..L {
    if i > 0 { hs = hs |> dropout(p) }
    cell = cells[i]
    hs = cell(hs, lengths = lengths)
  }
}

## Sequence to sequence (Sutskever et al. 2014): an LSTM reads `source`, of `lengths` steps, and its last state and cell are the first of
## the LSTM that reads `target`.  Under teacher forcing `target` is the wanted sequence one step late, `delay(wanted)`.  [S, N, K], [T, N,
## M] -> [T, N, units].
##
##     shape(sequence_to_sequence(ones([7, 2, 3]), ones([5, 2, 4]), units = 6)) == [5, 2, 6]
layer sequence_to_sequence(source: f[S, N, K], target: f[T, N, M], units: int, lengths: i32[N] = S) -> hs {
  shared encoder = lstm_states(units)
  shared decoder = lstm(units)
  states, cells = encoder(source, lengths = lengths)
  hs = decoder(target, h0 = states[S - 1], c0 = cells[S - 1])
}

## RNN encoder-decoder (Cho et al. 2014; Goodfellow et al., section 10.4): what gated units make of `source`, of `lengths` steps, is a
## context that the decoder begins from and sees at every step of `target`, which is the wanted sequence one step late, `delay(wanted)`.
## [S, N, K], [T, N, M] -> [T, N, units].
##
##     shape(encoder_decoder(ones([7, 2, 3]), ones([5, 2, 4]), units = 6)) == [5, 2, 6]
layer encoder_decoder(source: f[S, N, K], target: f[T, N, M], units: int, lengths: i32[N] = S) -> hs {
  shared encoder = gru(units, reset_before = true)
  shared summary = dense(units)
  shared start   = dense(units)
  shared decoder = gru(units, reset_before = true)
  states = encoder(source, lengths = lengths)
  context = tanh(summary(states[S - 1]))
  seen[t < T, n, u] = context[n, u]
  hs = decoder(concat(target, seen), h0 = tanh(start(context)))
}

## Gated recurrent decoder with attention (Bahdanau et al. 2015, section 3.1): before each step of `target` the state looks at `memory`, of
## `lengths` steps, by `additive_scores`, and what it saw joins the step's input; the states, what was seen and the weights of the steps of
## memory.  The paper's memory is `source |> bidirectional(gru(units))`, its `target` the wanted sequence one step
## late.  [T, N, M], [S, N, A] -> [T, N, units], [T, N, A], [T, N, S].
##
##     memory = ones([7, 2, 3]) |> bidirectional(gru(6))
##     hs, seen, weights = attention_decoder(ones([5, 2, 4]), memory, units = 6)
##     shape(weights) == [5, 2, 7]
layer attention_decoder(target: f[T, N, M], memory: f[S, N, A], units: int, lengths: i32[N] = S,
                        h0: f[N, units] = 0) -> hs, seen, weights {
  param input_weight:     f[3, units, M + A] ~ glorot_uniform(fan_in = M + A, fan_out = units)
  param recurrent_weight: f[3, units, units] ~ orthogonal
  param bias:             f[3, units]        ~ zeros
  param query_weight:     f[units, units]    ~ glorot_uniform(fan_in = units, fan_out = units)
  param key_weight:       f[units, A]        ~ glorot_uniform(fan_in = A, fan_out = units)
  param score_weight:     f[units]           ~ glorot_uniform(fan_in = units, fan_out = 1)
  keys[n, s, a] = memory[s, n, a]
  hs, seen, weights = scan x in target with h = h0 {
    query[n, 0, u] = h[n, u]
    p = attention_weights(additive_scores(query, keys, query_weight, key_weight, score_weight), lengths)
    w[n, s] = p[n, 0, s]
    c[n, a] = sum[s](w[n, s] * memory[s, n, a])
    h = gru_cell(concat(x, c), h, input_weight, recurrent_weight, bias, reset_before = true)
    yield h, c, w
  }
}
