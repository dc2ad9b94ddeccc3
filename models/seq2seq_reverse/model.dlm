# An encoder and a decoder with attention that say sequences backwards (Bahdanau et al. 2015; Goodfellow et al., section 10.4).
import "std/nn"
import "std/loss"
import "std/optim"

model Seq2SeqReverse(length: int = 10, symbols: int = 10, width: int = 16, units: int = 64) {
  input  source:   i32[Batch, length]
  input  previous: i32[Batch, length]
  target target:   i32[Batch, length]

  shared hear    = embedding(symbols, width)
  shared say     = embedding(symbols + 1, width)
  shared decoder = attention_decoder(units = units)
  shared head    = dense(symbols)

  # Steps come before examples.
  heard[t, n]  = source[n, t]
  late[t, n]   = previous[n, t]
  wanted[t, n] = target[n, t]
  memory = hear(heard) |> bidirectional(gru(units))

  # Under teacher forcing the decoder sees what it should have said.
  hs, seen, weights = decoder(say(late), memory)
  logits = concat(hs, seen) |> head

  # By itself it sees what it has said.
  begin[n] = previous[n, 0]
  words = scan t in 0..length with word = begin, h = zeros([Batch, units]) {
    last[i < 1, n] = word[n]
    states, looks, places = decoder(say(last), memory, h0 = h)
    scores  = concat(states, looks) |> head
    word[n] = argmax[k](scores[0, n, k])
    h = states[0]
    yield word
  }
  said[n, t] = words[t, n]

  output reversed      = said
  loss   cross_entropy = mean(softmax_cross_entropy(logits, wanted))
  metric taught        = mean(argmax[k](logits[t, n, k]) == wanted)
  metric alone         = mean(said == target)
  metric whole         = mean[n](all[t](said[n, t] == target[n, t]))
}

train {
  data      = reversed_sequences()
  batch     = 64
  optimizer = adam(lr = 3e-3)
  schedule  = cosine(last = 1e-5)
  clip      = norm(1.0)
  epochs    = 8
}
