# RUN: dlc explain --stage simplified %s > %t/graph && dlc explain --stage plan %s | head -1 && grep -c gemm %t/graph
# What sixteen checkpointed blocks compute lives for one block at a time: 1.8 MB where everything kept is 9.5 MB, for one product more a
# block (111 against 95).
import "std/nn"
import "std/optim"

layer block(x: f[N, K]) = x + (x |> dense(4 * K) |> gelu |> dense(K))
layer kept(x: f[N, K]) = block(x)
layer again(x: f[N, K]) = checkpoint(block(x))

model Deep(kind: fn = again) {
  input x: f[256, 64]
  loss l = mean((x |> repeat(16, kind))^2)
}

train { optimizer = sgd(lr = 0.1) }
# HAS: workspace 1835008 bytes
# HAS: 111
