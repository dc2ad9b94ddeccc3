# RUN: dlc explain --set blocks=2 %s | grep -o '[0-9]* different kernels' > %t/two && dlc explain --set blocks=4 %s | grep -o '[0-9]* different kernels' | diff %t/two - && echo no difference
# Blocks that are alike are compiled once: what they compute forward and backward, where they draw random numbers, their part of the
# gradients' norm and of the update.
import "std/nn"
import "std/loss"
import "std/optim"

model Blocks(blocks: int = 2) {
  input  text: i32[Batch, 8]
  target next: i32[Batch, 8]

  logits = text |> embedding(11, 16)
                |> repeat(blocks, transformer_encoder_block(2, p = 0.1, pre_norm = true, causal = true)) |> dense(11)

  loss cross_entropy = mean(softmax_cross_entropy(logits, next))
}

train {
  batch     = 4
  optimizer = adam()
  clip      = norm(1.0)
}
# OUT: no difference
