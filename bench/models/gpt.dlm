# The `gpt` of bench/step: text of 96 characters, 128 at a time, four causal blocks of width 128 and four heads (Radford et al. 2018), the
# next character; Adam, batch 8.
import "std/nn"
import "std/loss"
import "std/optim"

## Attention, then two layers at each position by itself, both normalized in front and added to what goes in.
layer block(x: f[N, T, E], heads: int) -> y {
  h = layer_norm(x)
  x = x + multi_head(h, h, heads = heads, causal = true)
  y = x + (layer_norm(x) |> mlp([4 * E, E], activation = gelu_tanh))
}

## Scores of the symbols, without a bias.
layer scores(x: f[.., K], symbols: int) -> y {
  param weight: f[symbols, K] ~ glorot_uniform(fan_in = K, fan_out = symbols)
  y = linear(x, weight)
}

model Gpt(symbols: int = 96, window: int = 128, width: int = 128, blocks: int = 4, heads: int = 4) {
  input  text: i32[Batch, window]
  target next: i32[Batch, window]
  h = text |> embedding(symbols, width) |> learned_positions(window) |> repeat(blocks, block(heads)) |> layer_norm
  logits = h |> scores(symbols)
  loss cross_entropy = mean(softmax_cross_entropy(logits, next))
}

train {
  batch     = 8
  optimizer = adam(lr = 1e-3)
}
