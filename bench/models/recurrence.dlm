# A gated recurrent layer over a long sequence whose last state alone counts: everything kept for the gradient, and with a checkpoint.
import "std/nn/recurrent"

layer kept(xs: f[T, N, K], units: int) = gru(xs, units)
layer again(xs: f[T, N, K], units: int) = checkpoint(gru(xs, units))

model Kept {
  input xs: f[Time, 8, 64]
  states = xs |> kept(128)
  loss l = mean(states[Time - 1]^2)
}
model Checkpointed {
  input xs: f[Time, 8, 64]
  states = xs |> again(128)
  loss l = mean(states[Time - 1]^2)
}
