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
  if kind == "lecun_uniform" {
    param w: f[shape[0], shape[1]] ~ lecun_uniform(fan_in = 784)
    y = w
  }
  if kind == "lecun_normal" {
    param w: f[shape[0], shape[1]] ~ lecun_normal(fan_in = 784)
    y = w
  }
  if kind == "truncated_normal" {
    param w: f[shape[0], shape[1]] ~ truncated_normal(1, 0.5)
    y = w
  }
  if kind == "gain" {
    param w: f[shape[0], shape[1]] ~ orthogonal(gain = 2)
    y = w
  }
  if kind == "sparse" {
    param w: f[shape[0], shape[1]] ~ sparse(15)
    y = w
  }
  if kind == "identity" {
    param w: f[shape[0], shape[1]] ~ identity
    y = w
  }
}
layer _kernels(shape: int[4], kind: string) -> y {
  if kind == "identity" {
    param w: f[shape[0], shape[1], shape[2], shape[3]] ~ identity
    y = w
  }
  if kind == "sparse" {
    param w: f[shape[0], shape[1], shape[2], shape[3]] ~ sparse(7, sd = 0.5)
    y = w
  }
  if kind == "gabor" {
    param w: f[shape[0], shape[1], shape[2], shape[3]] ~ gabor(amplitude = 2, beta_x = 0.2, beta_y = 0.05,
                                                               frequency = 1.5, phase = 0.3)
    y = w
  }
}
layer _bias() -> gates, prior {
  param g: f[4, 3] ~ gate_bias(1, 2.5)
  param p: f[3] ~ class_prior([10.0, 30.0, 60.0])
  gates = g
  prior = p
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
test "orthogonal with a gain: rows of that length" {
  a = _weights([4, 9], "gain")
  identity[i < 4, j < 4] = if i == j then 1.0 else 0.0
  assert close(matmul(a, transpose(a)), 4 * identity, 1e-12)
}
test "lecun" {
  w = _weights([200, 200], "lecun_uniform")
  assert max(abs(w)) < sqrt(3 / 784) and max(abs(w)) > 0.999 * sqrt(3 / 784)
  assert close(784 * _variance(w), 1, 0.03)
  assert close(784 * _variance(_weights([200, 200], "lecun_normal")), 1, 0.04)
}
# Moments of the normal distribution cut off at two standard deviations: the variance is 1 - 4 phi(2) / (2 Phi(2) - 1).
test "truncated normal" {
  w = (_weights([200, 200], "truncated_normal") - 1) / 0.5
  assert max(abs(w)) < 2 and max(abs(w)) > 1.99
  assert close(mean(w), 0, 0.022)
  assert close(_variance(w), 0.7737413, 0.022)
  assert close(mean(abs(w) < 1), 0.7152328, 0.012)
}
test "sparse: exactly so many weights of each unit" {
  w = _weights([40, 90], "sparse")
  assert all(sum[n](float(w[u, n] != 0)) == 15)
  assert close(_variance(w) * 6, 1, 0.3)
  # Each place is as likely: 600 draws over 90 places.
  times = sum[u](float(w[u, n] != 0))
  assert max(times) < 21 and mean(times) > 6.6
  k = _kernels([5, 3, 3, 3], "sparse")
  assert all(sum[c, i, j](float(k[u, c, i, j] != 0)) == 7)
}
test "identity: a matrix, and kernels that hand their input on" {
  x = normal(0, 1, [2, 4])
  assert all(matmul(_weights([4, 4], "identity"), transpose(x)) == transpose(x))
  wide = _weights([3, 4], "identity")
  assert sum(wide) == 3 and wide[0, 0] == 1 and wide[1, 1] == 1 and wide[2, 2] == 1
  image = normal(0, 1, [1, 3, 6, 6])
  k = _kernels([3, 3, 3, 5], "identity")
  assert all(conv(image, k, pad = [1, 2]) == image)
}
test "one gate's bias, and the classes' shares" {
  gates, prior = _bias()
  assert all(gates == [[0.0, 0.0, 0.0], [2.5, 2.5, 2.5], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
  assert close(softmax(prior), [0.1, 0.3, 0.6], 1e-12)
}
# Equations 9.16 to 9.18 of Goodfellow et al. at single places, computed by hand.
test "gabor" {
  w = _kernels([4, 2, 5, 7], "gabor")
  assert all(w[:, 0] == w[:, 1])
  assert close(w[:, 0, 2, 3], 2 * cos(0.3) * ones([4]), 1e-12)
  # At angle 0 the wave runs along x; at a right angle along y.
  assert close(w[0, 0, 2, 5], 2 * exp(-0.8) * cos(3.3), 1e-12)
  assert close(w[0, 0, 4, 3], 2 * exp(-0.2) * cos(0.3), 1e-12)
  assert close(w[2, 0, 4, 3], 2 * exp(-0.8) * cos(3.3), 1e-12)
  assert close(w[2, 0, 2, 5], 2 * exp(-0.2) * cos(0.3), 1e-12)
  # At 45 degrees, one to the right and one down: x' = sqrt(2), y' = 0.
  assert close(w[1, 0, 3, 4], 2 * exp(-0.4) * cos(1.5 * sqrt(2) + 0.3), 1e-12)
}
test "each parameter has draws of its own" {
  a = _weights([3, 3], "normal")
  b = _weights([3, 3], "normal")
  assert not any(a == b)
}
