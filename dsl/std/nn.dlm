# Layers: functions that own parameters and states.
import "conv"
import "init"
import "linear"
import "norm"
import "reduce"
import "scalar"
import "shape"

## Fully connected layer, y = x Wᵀ + b.  [.., K] -> [.., units].  Glorot-uniform weights, zero biases (Goodfellow et al., section 8.4).
layer dense(x: f[.., K], units: int) -> y {
  param weight: f[units, K] ~ glorot_uniform(fan_in = K, fan_out = units)
  param bias:   f[units]    ~ zeros
  y = linear(x, weight, bias)
}

## Dense layers of the given sizes with `relu` between them.  [.., K] -> [.., last of units].
layer mlp(x: f[.., K], units: int[L]) -> y {
  y = x
  for i in 0..L {
    y = y |> dense(units[i])
    if i < L - 1 { y = relu(y) }
  }
}

## 1-D convolution, [N, C, L] -> [N, channels, L'].  `pad` defaults to "same" for odd kernels.
layer conv1d(x: f[N, groups * C, L], channels: int, kernel: int = 3, stride: int = 1,
             pad: int = dilation * (kernel - 1) // 2,
             dilation: int = 1, groups: int = 1) -> y {
  param weight: f[channels, C, kernel] ~ he_normal(fan_in = C * kernel)
  param bias:   f[channels]            ~ zeros
  y = conv(x, weight, bias, stride = stride, pad = pad, dilation = dilation)
}

## 2-D convolution, [N, C, H, W] -> [N, channels, H', W'].  `pad` defaults to "same" for odd kernels.  He-normal weights (He et al. 2015).
layer conv2d(x: f[N, groups * C, H, W], channels: int, kernel: int = 3, stride: int = 1,
             pad: int = dilation * (kernel - 1) // 2,
             dilation: int = 1, groups: int = 1) -> y {
  param weight: f[channels, C, kernel, kernel] ~ he_normal(fan_in = C * kernel * kernel)
  param bias:   f[channels]                    ~ zeros
  y = conv(x, weight, bias, stride = stride, pad = pad, dilation = dilation)
}

## Inverted dropout (Goodfellow et al., section 7.12).  The mask is a function of seed, step and position, so the backward pass recomputes
## it instead of storing it.
layer dropout(x: f[..], p: float = 0.5) -> y {
  y = if training then x * bernoulli(1 - p, shape(x)) / (1 - p) else x
}

## Batch normalisation over every axis but the channels (Ioffe & Szegedy 2015; Goodfellow et al., section 8.7.1), in any number of
## dimensions.  Running moments are used where the model is not training.
layer batch_norm(x: f[N, C, ..S], momentum: float = 0.1, eps: float = 1e-5) -> y {
  param gain:  f[C] ~ ones
  param shift: f[C] ~ zeros
  state running_mean:     f[C] = 0
  state running_variance: f[C] = 1
  m = running_mean
  v = running_variance
  if training {
    m, v = channel_moments(x)
    running_mean     <- (1 - momentum) * running_mean + momentum * stop_gradient(m)
    running_variance <- (1 - momentum) * running_variance + momentum * stop_gradient(v)
  }
  y = standardize(x, m, v, gain, shift, eps = eps)
}

## Layer normalisation over the last axis with learned gain and shift (Ba et al. 2016).  [.., K] -> [.., K].
layer norm(x: f[.., K], eps: float = 1e-5) -> y {
  param gain:  f[K] ~ ones
  param shift: f[K] ~ zeros
  y = layer_norm(x, gain, shift, eps = eps)
}

## One row of a table for each integer.  [..] -> [.., units].
layer embedding(x: i64[..], entries: int, units: int) -> y {
  param weight: f[entries, units] ~ normal(0, 1)
  y[.., u] = weight[x[..], u]
}

## Simple recurrent layer, h = tanh(W x + U h + b) (Goodfellow et al., section 10.2).  [T, N, K] -> [T, N, units].
layer rnn(xs: f[T, N, K], units: int) -> hs {
  param input_weight:     f[units, K]     ~ glorot_uniform(fan_in = K, fan_out = units)
  param recurrent_weight: f[units, units] ~ orthogonal
  param bias:             f[units]        ~ zeros
  hs = scan x in xs with h = zeros([N, units]) {
    h = tanh(linear(x, input_weight, bias) + linear(h, recurrent_weight))
    yield h
  }
}

## Long short-term memory (Hochreiter & Schmidhuber 1997; Goodfellow et al., section 10.10.1).  [T, N, K] -> [T, N, units].  Gates in the
## order input, forget, cell, output.
layer lstm(xs: f[T, N, K], units: int) -> hs {
  param input_weight:     f[4, units, K]     ~ glorot_uniform(fan_in = K, fan_out = units)
  param recurrent_weight: f[4, units, units] ~ orthogonal
  param bias:             f[4, units]        ~ zeros
  hs = scan x in xs with h = zeros([N, units]), c = zeros([N, units]) {
    z[g, b, u] = bias[g, u] + sum[k](x[b, k] * input_weight[g, u, k]) + sum[j](h[b, j] * recurrent_weight[g, u, j])
    c = sigmoid(z[1]) * c + sigmoid(z[0]) * tanh(z[2])
    h = sigmoid(z[3]) * tanh(c)
    yield h
  }
}

## Gated recurrent units (Cho et al. 2014; Goodfellow et al., section 10.10.2).  [T, N, K] -> [T, N, units].  Gates in the order reset,
## update, candidate; the reset gate multiplies after the product with the state.
layer gru(xs: f[T, N, K], units: int) -> hs {
  param input_weight:     f[3, units, K]     ~ glorot_uniform(fan_in = K, fan_out = units)
  param recurrent_weight: f[3, units, units] ~ orthogonal
  param bias:             f[3, units]        ~ zeros
  param candidate_bias:   f[units]           ~ zeros
  hs = scan x in xs with h = zeros([N, units]) {
    a[g, b, u] = bias[g, u] + sum[k](x[b, k] * input_weight[g, u, k])
    z[g, b, u] = sum[j](h[b, j] * recurrent_weight[g, u, j])
    reset  = sigmoid(a[0] + z[0])
    update = sigmoid(a[1] + z[1])
    h = update * h + (1 - update) * tanh(a[2] + reset * (z[2] + candidate_bias))
    yield h
  }
}

## Graph convolution (Kipf & Welling 2017) over an edge list: gather from the sources, add at the destinations.
layer graph_conv(x: f[Nodes, K], from: i32[Edges], to: i32[Edges], norm: f[Edges], units: int) -> y {
  h = x |> dense(units)
  y = zeros([Nodes, units])
  y[to[e], u] += norm[e] * h[from[e], u]
}
