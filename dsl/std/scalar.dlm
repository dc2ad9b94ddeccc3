# Scalar functions.  `x: f` is one number; applied to tensors they act on every element.  `sigmoid`, `tanh`, `exp`, `erf` and their like are
# primitives and need no import.

## max(x, 0), with slope 0 at 0 (Goodfellow et al., section 6.3.1).
##
##     relu([-1.0, 2.0]) == [0.0, 2.0]
fn relu(x: f) = max(x, 0)

## x where positive, else slope * x (Maas et al. 2013).  Slope -1 is absolute value rectification (Goodfellow et al., section 6.3.1).
##
##     leaky_relu([-1.0, 2.0], slope = 0.25) == [-0.25, 2.0]
fn leaky_relu(x: f, slope: f = 0.01) = if x > 0 then x else slope * x

## Exponential linear unit (Clevert et al. 2016).
##
##     elu([-1.0, 2.0]) ≈ [-0.6321, 2.0]
fn elu(x: f, alpha: float = 1) = if x > 0 then x else alpha * expm1(min(x, 0))

## Self-normalizing exponential linear unit (Klambauer et al. 2017).
##
##     selu([-1.0, 2.0]) ≈ [-1.1113, 2.1014]
fn selu(x: f) = 1.0507009873554804934193349852946 * elu(x, 1.6732632423543772848170429916717)

## Continuously differentiable exponential linear unit (Barron 2017).
##
##     celu([-1.0, 2.0], alpha = 2) ≈ [-0.7869, 2.0]
fn celu(x: f, alpha: float = 1) = max(x, 0) + min(alpha * expm1(min(x, 0) / alpha), 0)

## log(1 + e^(beta x)) / beta, without overflow (Goodfellow et al., section 3.10).
## Each branch is smooth where it holds, so the slope at 0 is 1/2.
##
##     softplus([0.0, 1000.0]) ≈ [0.6931, 1000.0]
fn softplus(x: f, beta: float = 1) = if x > 0 then x + log1p(exp(-beta * x)) / beta else log1p(exp(beta * x)) / beta

## (x + sqrt(x² + b)) / 2, an algebraic softplus (Barron 2021).
##
##     squareplus([0.0, 1.5]) == [1.0, 2.0]
fn squareplus(x: f, b: float = 4) = 0.5 * (x + sqrt(x^2 + b))

## log sigmoid(x), without underflow.
##
##     log_sigmoid([0.0, -1000.0]) ≈ [-0.6931, -1000.0]
fn log_sigmoid(x: f) = -softplus(-x)

## log(p / (1 - p)), the inverse of sigmoid.
##
##     logit([0.5, 0.75]) ≈ [0.0, 1.0986]
fn logit(p: f) = log(p) - log1p(-p)

## Gaussian error linear unit, exact (Hendrycks & Gimpel 2016).
##
##     gelu([-1.0, 1.0]) ≈ [-0.1587, 0.8413]
fn gelu(x: f) = 0.5 * x * (1 + erf(x / sqrt(2)))

## The tanh approximation of gelu (Hendrycks & Gimpel 2016), x / 2 (1 + tanh u) as x sigmoid(2 u): nothing cancels where x is far below 0.
##
##     gelu_tanh([-1.0, 1.0]) ≈ [-0.1588, 0.8412]
fn gelu_tanh(x: f) = x * sigmoid(2 * sqrt(2 / pi) * (x + 0.044715 * x^3))

## The sigmoid approximation of gelu (Hendrycks & Gimpel 2016).
##
##     gelu_sigmoid([-1.0, 1.0]) ≈ [-0.1542, 0.8458]
fn gelu_sigmoid(x: f) = x * sigmoid(1.702 * x)

## x sigmoid(x), also called swish (Elfwing et al. 2018).
##
##     silu([-1.0, 1.0]) ≈ [-0.2689, 0.7311]
fn silu(x: f) = x * sigmoid(x)

## x tanh(softplus(x)) (Misra 2019).
##
##     mish([-1.0, 1.0]) ≈ [-0.3034, 0.8651]
fn mish(x: f) = x * tanh(softplus(x))

## x / (1 + |x|) (Bergstra et al. 2009).
##
##     softsign([-1.0, 3.0]) == [-0.5, 0.75]
fn softsign(x: f) = x / (1 + abs(x))

## x held between lo and hi; slope 0 outside.
##
##     clamp([-5.0, 0.5, 5.0], 0, 2) == [0.0, 0.5, 2.0]
fn clamp(x: f, lo: float, hi: float) = min(max(x, lo), hi)

## Piecewise linear tanh (Goodfellow et al., section 6.3.3).
##
##     hard_tanh([-5.0, 0.5, 5.0]) == [-1.0, 0.5, 1.0]
fn hard_tanh(x: f) = clamp(x, -1, 1)

## Piecewise linear sigmoid (Howard et al. 2019).
##
##     hard_sigmoid([-3.0, 0.0, 1.5, 5.0]) == [0.0, 0.5, 0.75, 1.0]
fn hard_sigmoid(x: f) = clamp((x + 3) / 6, 0, 1)

## x hard_sigmoid(x) (Howard et al. 2019).
##
##     hard_swish([-3.0, 0.0, 1.5, 5.0]) == [0.0, 0.0, 1.125, 5.0]
fn hard_swish(x: f) = x * hard_sigmoid(x)

## relu with ceiling 6 (Krizhevsky 2010).
##
##     relu6([-1.0, 2.0, 9.0]) == [0.0, 2.0, 6.0]
fn relu6(x: f) = clamp(x, 0, 6)

## Moves x towards 0 by lambda: the proximal map of lambda |x| (Donoho & Johnstone 1994).
##
##     soft_shrink([-2.0, 0.25, 2.0]) == [-1.5, 0.0, 1.5]
fn soft_shrink(x: f, lambda: float = 0.5) = if x > lambda then x - lambda else if x < -lambda then x + lambda else 0

## x where |x| > lambda, else 0 (Donoho & Johnstone 1994).
##
##     hard_shrink([-2.0, 0.25, 2.0]) == [-2.0, 0.0, 2.0]
fn hard_shrink(x: f, lambda: float = 0.5) = if abs(x) > lambda then x else 0

## x - tanh(x).
##
##     tanh_shrink([-1.0, 1.0]) ≈ [-0.2384, 0.2384]
fn tanh_shrink(x: f) = x - tanh(x)

## x where above `threshold`, else `value`.
##
##     threshold([0.5, 2.0], threshold = 1, value = -7) == [-7.0, 2.0]
fn threshold(x: f, threshold: float, value: float) = if x > threshold then x else value
