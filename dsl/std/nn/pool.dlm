# Pooling layers that differ between training and prediction; the others are the functions of std/pool.
import "std/pool"

## Stochastic pooling: draws an element of each window in training, takes the expected one otherwise (Zeiler & Fergus 2013).
## [N, C, ..X] -> [N, C, ..windows].
##
##     stochastic_pool([[[0.0, 3.0, 2.0, 0.0]]], 2) == [[[3.0, 2.0]]]
layer stochastic_pool(x: f[N, C, ..X], kernel: int[..], stride: int[..] = kernel, pad: int[..] = 0) -> y {
  y = if training then sampled_pool(x, kernel, stride, pad) else expected_pool(x, kernel, stride, pad)
}
