# Initializers: the first values of parameters.  `uniform(lo, hi)`, `normal(mean, sd)` and `orthogonal` fill the parameter's shape.

## Every element 0.
init zeros() = 0
## Every element 1.
init ones() = 1
## Every element `value`.
init constant(value: float) = value
## Uniform in +-sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010; Goodfellow et al., equation 8.23).
init glorot_uniform(fan_in: int, fan_out: int) = uniform(-sqrt(6 / (fan_in + fan_out)), sqrt(6 / (fan_in + fan_out)))
## Normal with variance 2 / (fan_in + fan_out).
init glorot_normal(fan_in: int, fan_out: int) = normal(0, sqrt(2 / (fan_in + fan_out)))
## Uniform in +-sqrt(6 / fan_in) (He et al. 2015).
init he_uniform(fan_in: int) = uniform(-sqrt(6 / fan_in), sqrt(6 / fan_in))
## Normal with variance 2 / fan_in (He et al. 2015).
init he_normal(fan_in: int) = normal(0, sqrt(2 / fan_in))
