# Gradients of std/scalar with respect to every argument, in f64: within 1e-9, relatively, of central differences of order four along fixed
# directions; points where a function is not smooth lie in scalar.dlm.
import "samples"
import "std/scalar"

fn _relu(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = relu(x)
  return sum(y * samples(shape(y), 50))
}
test "relu" {
  t = zeros([1])
  g = grad(_relu(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_relu(2 * e), _relu(e), _relu(-e), _relu(-2 * e), 0.001), 1e-9)
  }
}
fn _leaky_relu(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = leaky_relu(x)
  return sum(y * samples(shape(y), 50))
}
test "leaky_relu" {
  t = zeros([1])
  g = grad(_leaky_relu(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_leaky_relu(2 * e), _leaky_relu(e), _leaky_relu(-e), _leaky_relu(-2 * e), 0.001),
                 1e-9)
  }
}
fn _leaky_relu__slope_0_25(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = leaky_relu(x, slope = 0.25)
  return sum(y * samples(shape(y), 50))
}
test "leaky_relu, slope 0.25" {
  t = zeros([1])
  g = grad(_leaky_relu__slope_0_25(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_leaky_relu__slope_0_25(2 * e), _leaky_relu__slope_0_25(e), _leaky_relu__slope_0_25(-e),
                            _leaky_relu__slope_0_25(-2 * e), 0.001), 1e-9)
  }
}
fn _elu(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = elu(x)
  return sum(y * samples(shape(y), 50))
}
test "elu" {
  t = zeros([1])
  g = grad(_elu(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_elu(2 * e), _elu(e), _elu(-e), _elu(-2 * e), 0.001), 1e-9)
  }
}
fn _elu__alpha_0_5(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = elu(x, alpha = 0.5)
  return sum(y * samples(shape(y), 50))
}
test "elu, alpha 0.5" {
  t = zeros([1])
  g = grad(_elu__alpha_0_5(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_elu__alpha_0_5(2 * e), _elu__alpha_0_5(e), _elu__alpha_0_5(-e), _elu__alpha_0_5(-2 * e),
                            0.001), 1e-9)
  }
}
fn _selu(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = selu(x)
  return sum(y * samples(shape(y), 50))
}
test "selu" {
  t = zeros([1])
  g = grad(_selu(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_selu(2 * e), _selu(e), _selu(-e), _selu(-2 * e), 0.001), 1e-9)
  }
}
fn _celu(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = celu(x)
  return sum(y * samples(shape(y), 50))
}
test "celu" {
  t = zeros([1])
  g = grad(_celu(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_celu(2 * e), _celu(e), _celu(-e), _celu(-2 * e), 0.001), 1e-9)
  }
}
fn _celu__alpha_2(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = celu(x, alpha = 2)
  return sum(y * samples(shape(y), 50))
}
test "celu, alpha 2" {
  t = zeros([1])
  g = grad(_celu__alpha_2(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_celu__alpha_2(2 * e), _celu__alpha_2(e), _celu__alpha_2(-e), _celu__alpha_2(-2 * e),
                            0.001), 1e-9)
  }
}
fn _sigmoid(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = sigmoid(x)
  return sum(y * samples(shape(y), 50))
}
test "sigmoid" {
  t = zeros([1])
  g = grad(_sigmoid(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_sigmoid(2 * e), _sigmoid(e), _sigmoid(-e), _sigmoid(-2 * e), 0.001), 1e-9)
  }
}
fn _softplus(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = softplus(x)
  return sum(y * samples(shape(y), 50))
}
test "softplus" {
  t = zeros([1])
  g = grad(_softplus(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_softplus(2 * e), _softplus(e), _softplus(-e), _softplus(-2 * e), 0.001), 1e-9)
  }
}
fn _softplus__beta_2(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = softplus(x, beta = 2)
  return sum(y * samples(shape(y), 50))
}
test "softplus, beta 2" {
  t = zeros([1])
  g = grad(_softplus__beta_2(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_softplus__beta_2(2 * e), _softplus__beta_2(e), _softplus__beta_2(-e),
                            _softplus__beta_2(-2 * e), 0.001), 1e-9)
  }
}
fn _log_sigmoid(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = log_sigmoid(x)
  return sum(y * samples(shape(y), 50))
}
test "log_sigmoid" {
  t = zeros([1])
  g = grad(_log_sigmoid(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_log_sigmoid(2 * e), _log_sigmoid(e), _log_sigmoid(-e), _log_sigmoid(-2 * e), 0.001),
                 1e-9)
  }
}
fn _gelu(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = gelu(x)
  return sum(y * samples(shape(y), 50))
}
test "gelu" {
  t = zeros([1])
  g = grad(_gelu(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_gelu(2 * e), _gelu(e), _gelu(-e), _gelu(-2 * e), 0.001), 1e-9)
  }
}
fn _gelu_tanh(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = gelu_tanh(x)
  return sum(y * samples(shape(y), 50))
}
test "gelu_tanh" {
  t = zeros([1])
  g = grad(_gelu_tanh(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_gelu_tanh(2 * e), _gelu_tanh(e), _gelu_tanh(-e), _gelu_tanh(-2 * e), 0.001), 1e-9)
  }
}
fn _silu(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = silu(x)
  return sum(y * samples(shape(y), 50))
}
test "silu" {
  t = zeros([1])
  g = grad(_silu(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_silu(2 * e), _silu(e), _silu(-e), _silu(-2 * e), 0.001), 1e-9)
  }
}
fn _mish(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = mish(x)
  return sum(y * samples(shape(y), 50))
}
test "mish" {
  t = zeros([1])
  g = grad(_mish(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_mish(2 * e), _mish(e), _mish(-e), _mish(-2 * e), 0.001), 1e-9)
  }
}
fn _softsign(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = softsign(x)
  return sum(y * samples(shape(y), 50))
}
test "softsign" {
  t = zeros([1])
  g = grad(_softsign(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_softsign(2 * e), _softsign(e), _softsign(-e), _softsign(-2 * e), 0.001), 1e-9)
  }
}
fn _clamp__minus_1__2(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = clamp(x, -1, 2)
  return sum(y * samples(shape(y), 50))
}
test "clamp, minus 1, 2" {
  t = zeros([1])
  g = grad(_clamp__minus_1__2(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_clamp__minus_1__2(2 * e), _clamp__minus_1__2(e), _clamp__minus_1__2(-e),
                            _clamp__minus_1__2(-2 * e), 0.001), 1e-9)
  }
}
fn _hard_tanh(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = hard_tanh(x)
  return sum(y * samples(shape(y), 50))
}
test "hard_tanh" {
  t = zeros([1])
  g = grad(_hard_tanh(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_hard_tanh(2 * e), _hard_tanh(e), _hard_tanh(-e), _hard_tanh(-2 * e), 0.001), 1e-9)
  }
}
fn _hard_sigmoid(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = hard_sigmoid(x)
  return sum(y * samples(shape(y), 50))
}
test "hard_sigmoid" {
  t = zeros([1])
  g = grad(_hard_sigmoid(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_hard_sigmoid(2 * e), _hard_sigmoid(e), _hard_sigmoid(-e), _hard_sigmoid(-2 * e), 0.001),
                 1e-9)
  }
}
fn _hard_swish(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = hard_swish(x)
  return sum(y * samples(shape(y), 50))
}
test "hard_swish" {
  t = zeros([1])
  g = grad(_hard_swish(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_hard_swish(2 * e), _hard_swish(e), _hard_swish(-e), _hard_swish(-2 * e), 0.001),
                 1e-9)
  }
}
fn _relu6(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = relu6(x)
  return sum(y * samples(shape(y), 50))
}
test "relu6" {
  t = zeros([1])
  g = grad(_relu6(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_relu6(2 * e), _relu6(e), _relu6(-e), _relu6(-2 * e), 0.001), 1e-9)
  }
}
fn _soft_shrink(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = soft_shrink(x)
  return sum(y * samples(shape(y), 50))
}
test "soft_shrink" {
  t = zeros([1])
  g = grad(_soft_shrink(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_soft_shrink(2 * e), _soft_shrink(e), _soft_shrink(-e), _soft_shrink(-2 * e), 0.001),
                 1e-9)
  }
}
fn _soft_shrink__lambda_1(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = soft_shrink(x, lambda = 1)
  return sum(y * samples(shape(y), 50))
}
test "soft_shrink, lambda 1" {
  t = zeros([1])
  g = grad(_soft_shrink__lambda_1(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_soft_shrink__lambda_1(2 * e), _soft_shrink__lambda_1(e), _soft_shrink__lambda_1(-e),
                            _soft_shrink__lambda_1(-2 * e), 0.001), 1e-9)
  }
}
fn _hard_shrink(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = hard_shrink(x)
  return sum(y * samples(shape(y), 50))
}
test "hard_shrink" {
  t = zeros([1])
  g = grad(_hard_shrink(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_hard_shrink(2 * e), _hard_shrink(e), _hard_shrink(-e), _hard_shrink(-2 * e), 0.001),
                 1e-9)
  }
}
fn _hard_shrink__lambda_1(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = hard_shrink(x, lambda = 1)
  return sum(y * samples(shape(y), 50))
}
test "hard_shrink, lambda 1" {
  t = zeros([1])
  g = grad(_hard_shrink__lambda_1(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_hard_shrink__lambda_1(2 * e), _hard_shrink__lambda_1(e), _hard_shrink__lambda_1(-e),
                            _hard_shrink__lambda_1(-2 * e), 0.001), 1e-9)
  }
}
fn _tanh_shrink(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = tanh_shrink(x)
  return sum(y * samples(shape(y), 50))
}
test "tanh_shrink" {
  t = zeros([1])
  g = grad(_tanh_shrink(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_tanh_shrink(2 * e), _tanh_shrink(e), _tanh_shrink(-e), _tanh_shrink(-2 * e), 0.001),
                 1e-9)
  }
}
fn _threshold__0_7__minus_7(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  y = threshold(x, 0.7, -7)
  return sum(y * samples(shape(y), 50))
}
test "threshold, 0.7, minus 7" {
  t = zeros([1])
  g = grad(_threshold__0_7__minus_7(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_threshold__0_7__minus_7(2 * e), _threshold__0_7__minus_7(e), _threshold__0_7__minus_7(-e),
                            _threshold__0_7__minus_7(-2 * e), 0.001), 1e-9)
  }
}
fn _squareplus_b_0_25(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  v = squareplus(x, b = 0.25)
  return sum(v * samples(shape(v), 50))
}
test "squareplus, b 0.25" {
  t = zeros([1])
  g = grad(_squareplus_b_0_25(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_squareplus_b_0_25(2 * e), _squareplus_b_0_25(e), _squareplus_b_0_25(-e),
                            _squareplus_b_0_25(-2 * e), 0.001), 1e-9)
  }
}
fn _gelu_sigmoid(t: f[1]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  v = gelu_sigmoid(x)
  return sum(v * samples(shape(v), 50))
}
test "gelu_sigmoid" {
  t = zeros([1])
  g = grad(_gelu_sigmoid(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_gelu_sigmoid(2 * e), _gelu_sigmoid(e), _gelu_sigmoid(-e), _gelu_sigmoid(-2 * e), 0.001),
                 1e-9)
  }
}
fn _logit(t: f[1]) {
  x = 0.5 + 0.4 * samples([24], 1) + t[0] * samples([24], 21)
  v = logit(x)
  return sum(v * samples(shape(v), 50))
}
test "logit" {
  t = zeros([1])
  g = grad(_logit(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_logit(2 * e), _logit(e), _logit(-e), _logit(-2 * e), 0.001), 1e-9)
  }
}
fn _leaky_relu_and_its_slope(t: f[2]) {
  x = 5 * samples([24], 1) + t[0] * samples([24], 21)
  s = samples([24], 2) + t[1] * samples([24], 22)
  v = leaky_relu(x, s)
  return sum(v * samples(shape(v), 50))
}
test "leaky_relu and its slope" {
  t = zeros([2])
  g = grad(_leaky_relu_and_its_slope(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_leaky_relu_and_its_slope(2 * e), _leaky_relu_and_its_slope(e),
                            _leaky_relu_and_its_slope(-e), _leaky_relu_and_its_slope(-2 * e), 0.001), 1e-9)
  }
}
