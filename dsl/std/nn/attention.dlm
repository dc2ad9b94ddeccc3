# Attention over sequences [N, T, E] of N examples, and the transformer (Vaswani et al. 2017).  In every layer `lengths` counts the
# positions of each example; the others are never looked at.
import "std/attention"
import "std/init"
import "std/nn/dense"
import "std/nn/noise"
import "std/nn/norm"
import "std/scalar"

## Attention with `heads` heads from x to `memory` (Vaswani et al. 2017, section 3.2.2); `x |> multi_head(x, heads = 8)` is self-attention.
## `units` is the width of all heads together; `rotate` turns queries and keys by `rotary`; `bias`, as from `alibi`, is added to the scores
## and broadcasts to f[N, heads, Q, T].  [N, Q, E], [N, T, M] -> [N, Q, E].
##
##     x = ones([2, 5, 8])
##     shape(x |> multi_head(x, heads = 4, causal = true)) == [2, 5, 8]
layer multi_head(x: f[N, Q, E], memory: f[N, T, M], heads: int, units: int = E, causal: bool = false,
                 lengths: i32[N] = T, bias: f[.., Q, T] = 0, rotate: bool = false) -> y {
  param query_weight:  f[units, E] ~ glorot_uniform(fan_in = E, fan_out = units)
  param key_weight:    f[units, M] ~ glorot_uniform(fan_in = M, fan_out = units)
  param value_weight:  f[units, M] ~ glorot_uniform(fan_in = M, fan_out = units)
  param output_weight: f[E, units] ~ glorot_uniform(fan_in = units, fan_out = E)
  param query_bias:    f[units]    ~ zeros
  param key_bias:      f[units]    ~ zeros
  param value_bias:    f[units]    ~ zeros
  param output_bias:   f[E]        ~ zeros
  y = multi_head_attention(x, memory, query_weight, query_bias, key_weight, key_bias, value_weight, value_bias,
                           output_weight, output_bias, heads, causal, lengths, bias, rotate)
}

## A learned vector for each of the first `positions` positions, added (Gehring et al. 2017).  [N, T, E], T <= positions -> the same.
##
##     shape(zeros([2, 5, 8]) |> learned_positions(16)) == [2, 5, 8]
layer learned_positions(x: f[N, T, E], positions: int) -> y {
  assert T <= positions, "the sequence is longer than the table of positions"
  param weight: f[positions, E] ~ normal(0, 0.02)
  y = x + weight[0:T]
}

## The network of a transformer's block at each position by itself: E -> hidden -> E, with gelu and dropout `p` between (Vaswani et al.
## 2017, section 3.3, with relu).  [.., E] -> the same.
##
##     shape(ones([2, 5, 8]) |> feed_forward(hidden = 32, p = 0.1)) == [2, 5, 8]
layer feed_forward(x: f[.., E], hidden: int = 4 * E, p: float = 0) -> y {
  y = x |> dense(hidden) |> gelu |> dropout(p) |> dense(E)
}

## A block of a transformer's encoder: self-attention, then `feed_forward`, each in a residual connection that is normalized behind, as in
## the paper, or with `pre_norm` in front (Xiong et al. 2020).  Dropout `p` meets both results and the hidden layer.  With `causal` it is
## the block of a language model.  [N, T, E] -> the same.
##
##     y = ones([2, 5, 8]) |> transformer_encoder_block(heads = 4, pre_norm = true)
##     shape(y) == [2, 5, 8]
layer transformer_encoder_block(x: f[N, T, E], heads: int, hidden: int = 4 * E, p: float = 0, pre_norm: bool = false,
                                causal: bool = false, lengths: i32[N] = T, bias: f[.., T, T] = 0,
                                rotate: bool = false) -> y {
  shared attend      = multi_head(heads = heads, causal = causal, rotate = rotate)
  shared attend_norm = layer_norm()
  shared mlp         = feed_forward(hidden, p)
  shared mlp_norm    = layer_norm()
  if pre_norm {
    h = attend_norm(x)
    x = x + dropout(attend(h, h, lengths = lengths, bias = bias), p)
    y = x + dropout(mlp(mlp_norm(x)), p)
  } else {
    x = attend_norm(x + dropout(attend(x, x, lengths = lengths, bias = bias), p))
    y = mlp_norm(x + dropout(mlp(x), p))
  }
}

## A block of a transformer's decoder: causal self-attention over x, attention to `memory`, of `lengths` positions, then `feed_forward`;
## residual connections as in `transformer_encoder_block`.  [N, Q, E], [N, T, M] -> [N, Q, E].
##
##     y = ones([2, 5, 8]) |> transformer_decoder_block(ones([2, 7, 8]), heads = 4)
##     shape(y) == [2, 5, 8]
layer transformer_decoder_block(x: f[N, Q, E], memory: f[N, T, M], heads: int, hidden: int = 4 * E, p: float = 0,
                                pre_norm: bool = false, lengths: i32[N] = T, bias: f[.., Q, Q] = 0,
                                rotate: bool = false) -> y {
  shared attend      = multi_head(heads = heads, causal = true, rotate = rotate)
  shared attend_norm = layer_norm()
  shared cross       = multi_head(heads = heads)
  shared cross_norm  = layer_norm()
  shared mlp         = feed_forward(hidden, p)
  shared mlp_norm    = layer_norm()
  if pre_norm {
    h = attend_norm(x)
    x = x + dropout(attend(h, h, bias = bias), p)
    x = x + dropout(cross(cross_norm(x), memory, lengths = lengths), p)
    y = x + dropout(mlp(mlp_norm(x)), p)
  } else {
    x = attend_norm(x + dropout(attend(x, x, bias = bias), p))
    x = cross_norm(x + dropout(cross(x, memory, lengths = lengths), p))
    y = mlp_norm(x + dropout(mlp(x), p))
  }
}

## `blocks` blocks of an encoder, with `pre_norm` normalized once more at the end.  Positions come with x, from `bias` or from `rotate`.
## [N, T, E] -> the same.
##
##     shape(ones([2, 5, 8]) |> transformer_encoder(2, heads = 4, lengths = [3, 5])) == [2, 5, 8]
layer transformer_encoder(x: f[N, T, E], blocks: int, heads: int, hidden: int = 4 * E, p: float = 0,
                          pre_norm: bool = false, causal: bool = false, lengths: i32[N] = T, bias: f[.., T, T] = 0,
                          rotate: bool = false) -> y {
  y = x
  for i in 0..blocks {
    y = y |> transformer_encoder_block(heads, hidden, p, pre_norm, causal, lengths, bias, rotate)
  }
  if pre_norm { y = layer_norm(y) }
}

## `blocks` blocks of a decoder, with `pre_norm` normalized once more at the end.  [N, Q, E], [N, T, M] -> [N, Q, E].
##
##     shape(ones([2, 5, 8]) |> transformer_decoder(ones([2, 7, 8]), 2, heads = 4)) == [2, 5, 8]
layer transformer_decoder(x: f[N, Q, E], memory: f[N, T, M], blocks: int, heads: int, hidden: int = 4 * E, p: float = 0,
                          pre_norm: bool = false, lengths: i32[N] = T, bias: f[.., Q, Q] = 0,
                          rotate: bool = false) -> y {
  y = x
  for i in 0..blocks {
    y = y |> transformer_decoder_block(memory, heads, hidden, p, pre_norm, lengths, bias, rotate)
  }
  if pre_norm { y = layer_norm(y) }
}

## The encoder-decoder transformer of the paper: `source`, of `lengths` positions, encoded, and `target` decoded while it attends to that.
## Positions come with both.  Under teacher forcing `target` is the wanted sequence one position late.  [N, S, E], [N, T, E] -> [N, T, E].
##
##     shape(transformer(ones([2, 7, 8]), ones([2, 5, 8]), 2, heads = 4)) == [2, 5, 8]
layer transformer(source: f[N, S, E], target: f[N, T, E], blocks: int, heads: int, hidden: int = 4 * E, p: float = 0,
                  pre_norm: bool = false, lengths: i32[N] = S) -> y {
  shared encoder = transformer_encoder(blocks, heads, hidden, p, pre_norm)
  shared decoder = transformer_decoder(blocks, heads, hidden, p, pre_norm)
  y = decoder(target, encoder(source, lengths = lengths), lengths = lengths)
}
