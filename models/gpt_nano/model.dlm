# A small generative transformer of characters (Radford et al. 2018; Goodfellow et al., section 12.4.2, for language models).
import "std/nn"
import "std/loss"
import "std/metric"
import "std/optim"

model Gpt(symbols: int = 74, window: int = 64, width: int = 128, blocks: int = 4, heads: int = 4, drop: float = 0.05) {
  input  text: i32[Batch, window]
  target next: i32[Batch, window]

  h = text |> embedding(symbols, width) |> dropout(drop)
           |> repeat(blocks, transformer_encoder_block(heads, p = drop, pre_norm = true, causal = true, rotate = true))
           |> layer_norm
  logits = h |> dense(symbols)
  nats   = softmax_cross_entropy(logits, next)

  output probability   = softmax(logits)
  loss   cross_entropy = mean(nats)
  metric bits          = bits_per_character(nats)
}

train {
  data       = bible_kjv(length = 64)
  validation = holdout(0.02)
  batch      = 32
  optimizer  = adamw(lr = 2e-3)
  clip       = norm(1.0)
  schedule   = cosine(last = 1e-4, warmup = 100)
  epochs     = 1
}
