# Scalar functions.  `x: f` is one number; applied to tensors they act on every element.  `sigmoid`, `tanh`, `exp`, `erf` and their like are
# primitives and need no import.

## max(x, 0), with slope 0 at 0 (Goodfellow et al., section 6.3.1).
fn relu(x: f) = max(x, 0)
## x where positive, else slope * x (Maas et al. 2013).  Slope -1 is absolute value rectification (Goodfellow et al., section 6.3.1).
fn leaky_relu(x: f, slope: f = 0.01) = if x > 0 then x else slope * x
## Exponential linear unit (Clevert et al. 2016).
fn elu(x: f, alpha: float = 1) = if x > 0 then x else alpha * expm1(min(x, 0))
## Self-normalizing exponential linear unit (Klambauer et al. 2017).
fn selu(x: f) = 1.0507009873554804934193349852946 * elu(x, 1.6732632423543772848170429916717)
## Continuously differentiable exponential linear unit (Barron 2017).
fn celu(x: f, alpha: float = 1) = max(x, 0) + min(alpha * expm1(min(x, 0) / alpha), 0)
## log(1 + e^(beta x)) / beta, without overflow (Goodfellow et al., section 3.10).
## Each branch is smooth where it holds, so the slope at 0 is 1/2.
fn softplus(x: f, beta: float = 1) = if x > 0 then x + log1p(exp(-beta * x)) / beta else log1p(exp(beta * x)) / beta
## (x + sqrt(x² + b)) / 2, an algebraic softplus (Barron 2021).
fn squareplus(x: f, b: float = 4) = 0.5 * (x + sqrt(x^2 + b))
## log sigmoid(x), without underflow.
fn log_sigmoid(x: f) = -softplus(-x)
## log(p / (1 - p)), the inverse of sigmoid.
fn logit(p: f) = log(p) - log1p(-p)
## Gaussian error linear unit, exact (Hendrycks & Gimpel 2016).
fn gelu(x: f) = 0.5 * x * (1 + erf(x / sqrt(2)))
## The tanh approximation of gelu from the same paper.
fn gelu_tanh(x: f) = 0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))
## The sigmoid approximation of gelu from the same paper.
fn gelu_sigmoid(x: f) = x * sigmoid(1.702 * x)
## x sigmoid(x), also called swish (Elfwing et al. 2018).
fn silu(x: f) = x * sigmoid(x)
## x tanh(softplus(x)) (Misra 2019).
fn mish(x: f) = x * tanh(softplus(x))
## x / (1 + |x|).
fn softsign(x: f) = x / (1 + abs(x))
## x held between lo and hi; slope 0 outside.
fn clamp(x: f, lo: float, hi: float) = min(max(x, lo), hi)
## Piecewise linear tanh (Goodfellow et al., section 6.3.3).
fn hard_tanh(x: f) = clamp(x, -1, 1)
## Piecewise linear sigmoid (Howard et al. 2019).
fn hard_sigmoid(x: f) = clamp((x + 3) / 6, 0, 1)
## x hard_sigmoid(x) (Howard et al. 2019).
fn hard_swish(x: f) = x * hard_sigmoid(x)
## relu with ceiling 6.
fn relu6(x: f) = clamp(x, 0, 6)
## Moves x towards 0 by lambda: the proximal map of lambda |x|.
fn soft_shrink(x: f, lambda: float = 0.5) = if x > lambda then x - lambda else if x < -lambda then x + lambda else 0
## x where |x| > lambda, else 0.
fn hard_shrink(x: f, lambda: float = 0.5) = if abs(x) > lambda then x else 0
## x - tanh(x).
fn tanh_shrink(x: f) = x - tanh(x)
## x where above `threshold`, else `value`.
fn threshold(x: f, threshold: float, value: float) = if x > threshold then x else value
