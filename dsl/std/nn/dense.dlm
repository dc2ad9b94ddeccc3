# Layers of units that see all inputs; tables.
import "std/init"
import "std/linear"
import "std/scalar"

## Fully connected layer, y = x Wᵀ + b.  [.., K] -> [.., units].  Glorot-uniform weights, zero biases (Goodfellow et al., section 8.4).
##
##     shape(zeros([32, 784]) |> dense(10)) == [32, 10]
layer dense(x: f[.., K], units: int) -> y {
  param weight: f[units, K] ~ glorot_uniform(fan_in = K, fan_out = units)
  param bias:   f[units]    ~ zeros
  y = linear(x, weight, bias)
}

## A multilayer perceptron: dense layers of the given sizes with `activation` between them (Goodfellow et al., chapter 6).  [.., K] -> [..,
## last of units].
##
##     shape(zeros([32, 784]) |> mlp([256, 128, 10], activation = gelu)) == [32, 10]
layer mlp(x: f[.., K], units: int[L], activation: fn = relu) -> y {
  y = x
  for i in 0..L {
    y = y |> dense(units[i])
    if i < L - 1 { y = activation(y) }
  }
}

## One row of a table for each integer (Bengio et al. 2003; Goodfellow et al., section 12.4.2).  [..] -> [.., units].
##
##     shape([[3, 1, 4], [1, 5, 9]] |> embedding(entries = 10, units = 16)) == [2, 3, 16]
layer embedding(x: i64[..], entries: int, units: int) -> y {
  param weight: f[entries, units] ~ normal(0, 1)
  y[.., u] = weight[x[..], u]
}
