# Initializers: the first values of parameters.  `uniform(lo, hi)`, `normal(mean, sd)`, `orthogonal(gain)`, `zeros()` and `ones()` fill the
# parameter's shape, so a function of one of these sees where each element stands.

## Every element 0.
##
##     param bias: f[3] ~ zeros
##     bias == [0.0, 0.0, 0.0]
init zeros() = 0

## Every element 1.
##
##     param gain: f[3] ~ ones
##     gain == [1.0, 1.0, 1.0]
init ones() = 1

## Every element `value`.
##
##     param slope: f[2] ~ constant(0.25)
##     slope == [0.25, 0.25]
init constant(value: float) = value

## Uniform in +-sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010; Goodfellow et al., equation 8.23).
##
##     param weight: f[10, 14] ~ glorot_uniform(fan_in = 14, fan_out = 10)
##     abs(weight) <= 0.5
init glorot_uniform(fan_in: int, fan_out: int) = uniform(-sqrt(6 / (fan_in + fan_out)), sqrt(6 / (fan_in + fan_out)))

## Normal with variance 2 / (fan_in + fan_out).
##
##     param weight: f[100, 100] ~ glorot_normal(fan_in = 100, fan_out = 100)
##     abs(mean(weight^2) - 2 / 200) < 0.001
init glorot_normal(fan_in: int, fan_out: int) = normal(0, sqrt(2 / (fan_in + fan_out)))

## Uniform in +-sqrt(6 / fan_in) (He et al. 2015).
##
##     param weight: f[10, 24] ~ he_uniform(fan_in = 24)
##     abs(weight) <= 0.5
init he_uniform(fan_in: int) = uniform(-sqrt(6 / fan_in), sqrt(6 / fan_in))

## Normal with variance 2 / fan_in (He et al. 2015).
##
##     param weight: f[100, 100] ~ he_normal(fan_in = 100)
##     abs(mean(weight^2) - 2 / 100) < 0.002
init he_normal(fan_in: int) = normal(0, sqrt(2 / fan_in))

## Uniform in +-sqrt(3 / fan_in): variance 1 / fan_in (LeCun et al. 1998).
##
##     param weight: f[10, 12] ~ lecun_uniform(fan_in = 12)
##     abs(weight) <= 0.5
init lecun_uniform(fan_in: int) = uniform(-sqrt(3 / fan_in), sqrt(3 / fan_in))

## Normal with variance 1 / fan_in (LeCun et al. 1998).
##
##     param weight: f[100, 100] ~ lecun_normal(fan_in = 100)
##     abs(mean(weight^2) - 1 / 100) < 0.001
init lecun_normal(fan_in: int) = normal(0, sqrt(1 / fan_in))

fn _cdf(z: f) = 0.5 * (1 + erf(z / sqrt(2)))
# The normal quantile of a uniform number within `cut` standard deviations.  Newton's steps from 0 stay on the side of the root where the
# distribution function bends away from them, so they only approach it; 20 reach the last digit for |z| <= 4.
fn _truncated(u: f[..], cut: float) -> z {
  assert cut > 0 and cut <= 4, "`cut` is above 0 and at most 4"
  p = _cdf(-cut) + u * (_cdf(cut) - _cdf(-cut))
  z = 0 * u
  for t in 0..20 { z = z + (p - _cdf(z)) * sqrt(2 * pi) * exp(0.5 * z^2) }
}

## Normal within `cut` standard deviations of the mean; `sd` is that before the tails are cut off.
##
##     param weight: f[10, 10] ~ truncated_normal(mean = 1, sd = 0.5)
##     abs(weight - 1) <= 1.0
init truncated_normal(mean: float = 0, sd: float = 1, cut: float = 2) = mean + sd * _truncated(uniform(0, 1), cut)

fn _sparse(score: f[U, ..K], value: f[U, ..K], nonzeros: int) -> y {
  N = prod(K)
  assert nonzeros <= N, "a unit has fewer weights than are to differ from 0"
  left = reshape(score, [U, N])
  for t in 0..nonzeros {
    least[u]   = argmin[n](left[u, n])
    left[u, n] = if n == least[u] then 2 else left[u, n]
  }
  y = if reshape(left, shape(value)) > 1 then value else 0
}

## Exactly `nonzeros` weights of each unit, a row, are normal with standard deviation `sd`, the others 0 (Martens 2010).
##
##     param weight: f[10, 100] ~ sparse(nonzeros = 15)
##     sum(weight != 0) == 150
init sparse(nonzeros: int = 15, sd: float = 1) = _sparse(uniform(0, 1), normal(0, sd), nonzeros)

fn _identity(z: f[Out, In, ..K]) -> w {
  N = prod(K)
  assert N % 2 == 1, "a kernel with a middle has odd sizes"
  flat[o < Out, i < In, n < N] = if o == i and n == N // 2 then 1.0 else 0.0
  w = reshape(flat, shape(z))
}

## The map that hands its input on: the identity matrix, or kernels with a 1 in their middle from each channel to the same.
##
##     param weight: f[2, 2] ~ identity
##     weight == [[1.0, 0.0], [0.0, 1.0]]
init identity() = _identity(zeros())

fn _gate(z: f[G, ..S], gate: int, value: float) -> b {
  b[g, ..s] = if g == gate then value else z[g, ..s]
}

## `value` in one gate's row, 0 in the others: a bias f[gates, units] whose forget gate begins open (Jozefowicz et al. 2015).
##
##     param bias: f[4, 2] ~ gate_bias(gate = 1)
##     bias == [[0.0, 0.0], [1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]
init gate_bias(gate: int, value: float = 1) = _gate(zeros(), gate, value)

## log of each class's share: a last layer whose first guess is how often the classes come.  `counts` are numbers or shares of examples.
##
##     param bias: f[3] ~ class_prior([2.0, 1.0, 1.0])
##     softmax(bias) ≈ [0.5, 0.25, 0.25]
init class_prior(counts: f[K]) = log(counts / sum(counts))

fn _gabor(z: f[Out, In, H, W], beta_x: float, beta_y: float, frequency: float, phase: float) -> w {
  angle[o < Out]                = pi * o / Out
  across[o < Out, i < H, j < W] = (j - (W - 1) / 2) * cos(angle[o]) + (i - (H - 1) / 2) * sin(angle[o])
  along[o < Out, i < H, j < W]  = (i - (H - 1) / 2) * cos(angle[o]) - (j - (W - 1) / 2) * sin(angle[o])
  w[o < Out, c < In, i < H, j < W] =
      exp(-beta_x * across[o, i, j]^2 - beta_y * along[o, i, j]^2) * cos(frequency * across[o, i, j] + phase)
}

## Gabor functions in the middle of the kernels, for each unit at an angle of its own (Goodfellow et al., equations 9.16 to 9.18): waves of
## `frequency` radians a pixel across, under a Gaussian with `beta_x` across and `beta_y` along them.
##
##     param weight: f[8, 1, 11, 11] ~ gabor()
##     weight[3, 0, 5, 5] == 1.0
init gabor(amplitude: float = 1, beta_x: float = 0.1, beta_y: float = 0.1, frequency: float = 1, phase: float = 0) =
    amplitude * _gabor(zeros(), beta_x, beta_y, frequency, phase)
