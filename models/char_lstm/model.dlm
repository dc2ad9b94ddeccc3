# A long short-term memory that says the next character of a text (Goodfellow et al., section 10.10).  What it knows goes on from window to
# window.
import "std/nn"
import "std/loss"
import "std/metric"
import "std/optim"
import "std/order"

model CharLstm(symbols: int = 74, units: int = 256, window: int = 64) {
  input  text: i32[Batch, window]
  target next: i32[Batch, window]
  state  h: f[Batch, units] = 0
  state  c: f[Batch, units] = 0

  x[t, n]      = text[n, t]
  hs, cs       = one_hot(x, symbols) |> lstm_states(units, h0 = h, c0 = c, forget_bias = 1)
  logits       = hs |> dense(symbols)
  wanted[t, n] = next[n, t]
  nats         = softmax_cross_entropy(logits, wanted)
  h <- hs[window - 1]
  c <- cs[window - 1]

  output probability   = softmax(logits)
  loss   cross_entropy = mean(nats)
  metric bits          = bits_per_character(nats)
}

train {
  data       = bible_kjv(length = 64, continuous = true)
  validation = holdout(0.02)
  batch      = 32
  optimizer  = adam(lr = 4e-3)
  clip       = norm(1.0)
  schedule   = cosine(last = 1e-4)
  epochs     = 2
}
