# Gated recurrent units that remember: symbols to be said again after a delay (Goodfellow et al., sections 10.7 and 10.10.2).
import "std/nn"
import "std/loss"
import "std/optim"

model GruCopy(length: int = 5, delay: int = 20, symbols: int = 8, units: int = 128) {
  input  x: i32[Batch, 2 * length + delay]
  target y: i32[Batch, 2 * length + delay]

  # The alphabet is the blank, the symbols and the sign to begin.  Steps come before examples.
  seen[t, n, k < symbols + 2] = if x[n, t] == k then 1.0 else 0.0
  logits = seen |> gru(units) |> dense(symbols + 1)
  wanted[t, n] = y[n, t]
  said[n, t]   = argmax[k](logits[t, n, k])

  output copy          = said
  loss   cross_entropy = mean(softmax_cross_entropy(logits, wanted))
  metric copied        = mean[n, t < length](said[n, t + length + delay] == y[n, t + length + delay])
}

train {
  data      = copy_task(length = 5)
  batch     = 64
  optimizer = adam(lr = 1e-2)
  schedule  = cosine(last = 1e-5)
  clip      = norm(1.0)
  epochs    = 10
}
