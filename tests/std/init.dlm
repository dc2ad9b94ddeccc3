# Initializers: bounds and moments over 40,000 draws, where the standard error of a mean is 1/200 of the standard deviation and that of a
# variance about 1/140 of it for a normal distribution.  The tolerances are five of these or more.
import "std/nn"

layer _weights(shape: int[2], kind: string) -> y {
  if kind == "zeros" {
    param w: f[shape[0], shape[1]] ~ zeros
    y = w
  }
  if kind == "ones" {
    param w: f[shape[0], shape[1]] ~ ones
    y = w
  }
  if kind == "constant" {
    param w: f[shape[0], shape[1]] ~ constant(0.25)
    y = w
  }
  if kind == "uniform" {
    param w: f[shape[0], shape[1]] ~ uniform(-2, 3)
    y = w
  }
  if kind == "normal" {
    param w: f[shape[0], shape[1]] ~ normal(1, 2)
    y = w
  }
  if kind == "glorot_uniform" {
    param w: f[shape[0], shape[1]] ~ glorot_uniform(fan_in = 784, fan_out = 300)
    y = w
  }
  if kind == "glorot_normal" {
    param w: f[shape[0], shape[1]] ~ glorot_normal(fan_in = 784, fan_out = 300)
    y = w
  }
  if kind == "he_uniform" {
    param w: f[shape[0], shape[1]] ~ he_uniform(fan_in = 784)
    y = w
  }
  if kind == "he_normal" {
    param w: f[shape[0], shape[1]] ~ he_normal(fan_in = 784)
    y = w
  }
  if kind == "orthogonal" {
    param w: f[shape[0], shape[1]] ~ orthogonal
    y = w
  }
}
fn _variance(x: f[..]) = mean((x - mean(x))^2)

test "constants" {
  assert all(_weights([2, 3], "zeros") == zeros([2, 3]))
  assert all(_weights([2, 3], "ones") == ones([2, 3]))
  assert all(_weights([2, 3], "constant") == 0.25 * ones([2, 3]))
}
test "uniform" {
  w = _weights([200, 200], "uniform")
  assert min(w) > -2 and max(w) < 3
  assert close(min(w), -2, 0.002) and close(max(w), 3, 0.002)
  assert close(mean(w), 0.5, 0.04)
  assert close(_variance(w) / (25 / 12), 1, 0.03)
}
test "normal" {
  w = _weights([200, 200], "normal")
  assert close(mean(w), 1, 0.05)
  assert close(_variance(w) / 4, 1, 0.04)
  assert close(mean(((w - 1) / 2)^3), 0, 0.07)
  assert close(mean(((w - 1) / 2)^4), 3, 0.08)
  assert close(mean(abs(w - 1) < 2), 0.6827, 0.012)
}
test "glorot" {
  bound = 0.0743980
  w = _weights([200, 200], "glorot_uniform")
  assert max(abs(w)) < bound and max(abs(w)) > 0.999 * bound
  assert close(_variance(w) / (2 / 1084), 1, 0.03)
  assert close(mean(w) / bound, 0, 0.02)
  n = _weights([200, 200], "glorot_normal")
  assert close(_variance(n) / (2 / 1084), 1, 0.04)
  assert close(mean(n) / sqrt(2 / 1084), 0, 0.03)
}
test "he" {
  w = _weights([200, 200], "he_normal")
  assert close(sqrt(_variance(w)) / 0.0505076, 1, 0.02)
  assert close(mean(w) / 0.0505076, 0, 0.03)
  u = _weights([200, 200], "he_uniform")
  assert max(abs(u)) < sqrt(6 / 784) and max(abs(u)) > 0.999 * sqrt(6 / 784)
  assert close(_variance(u) / (2 / 784), 1, 0.03)
}
test "orthogonal: rows, columns or both are orthonormal" {
  a = _weights([6, 6], "orthogonal")
  identity[i < 6, j < 6] = if i == j then 1.0 else 0.0
  assert close(matmul(a, transpose(a)), identity, 1e-12)
  assert close(matmul(transpose(a), a), identity, 1e-12)
  wide = _weights([4, 9], "orthogonal")
  assert close(matmul(wide, transpose(wide)), identity[0:4, 0:4], 1e-12)
  tall = _weights([9, 4], "orthogonal")
  assert close(matmul(transpose(tall), tall), identity[0:4, 0:4], 1e-12)
  assert any(abs(a) < 0.999 and abs(a) > 0.001)
}
test "each parameter has draws of its own" {
  a = _weights([3, 3], "normal")
  b = _weights([3, 3], "normal")
  assert not any(a == b)
}
