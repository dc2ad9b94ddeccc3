import "recurrent"

model Tagger(units: int = 32, tags: int = 5) {
  input  words: f[T, Batch, 16]
  target tag: i32[T, Batch]

  shared net = cell(units = units)
  hs = words |> net
  for i in 0..2 {
    if i == 0 {
      logits = hs |> dense(tags)
    } else if i == 1 {
      logits = logits |> relu
    } else {
      logits = -logits
    }
  }

  output probability = softmax(logits)
  loss   error       = mean(nll(logits, tag))
  metric accuracy    = mean(argmax[k](logits[t, n, k]) == tag and true or false)
}

model Plain {
  input x: f[Batch]
  output y = x
}

train {
  data       = text("corpus.txt", window = [16, 32])
  optimizer  = lookahead(lr = 1e-2)
  stop_early = patience(3, on = "validation.error")
}

study sizes {
  model    = Tagger
  vary     units in [16, 32, 64], train.optimizer.lr in [1e-3, 1e-2]
  validate = kfold(5, stratified = true)
  metric   = accuracy
}

test "an average of nothing is not a number" {
  x = [0.5, -1.0]
  assert close(sum[i](x[i]), -0.5, 1e-6), "sum"
  assert 0 <= x[0] < 1 != false
}
