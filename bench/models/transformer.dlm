# A language model of alike blocks, for the time to compile them: text of 80 characters, 64 at a time, four blocks of width 128; Adam, batch 32.
import "std/nn"
import "std/loss"
import "std/optim"

model Transformer(symbols: int = 80, width: int = 128, blocks: int = 4, heads: int = 4, drop: float = 0.05) {
  input  text: i32[Batch, 64]
  target next: i32[Batch, 64]
  h = text |> embedding(symbols, width) |> learned_positions(64) |> dropout(drop)
           |> repeat(blocks, transformer_encoder_block(heads, p = drop, pre_norm = true, causal = true)) |> layer_norm
  logits = h |> dense(symbols)
  loss cross_entropy = mean(softmax_cross_entropy(logits, next))
}

train {
  batch     = 32
  optimizer = adam(lr = 1e-3)
  clip      = norm(1.0)
}
