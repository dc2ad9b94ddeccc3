# Losses.  Those over tensors give one value an example (or element); take `mean` of them.
import "reduce"
import "scalar"

## -log softmax(z)[label] for each row.  [.., K], [..] -> [..] (Goodfellow et al., section 6.2.2.3).
fn softmax_cross_entropy(z: f[.., K], label: i64[..]) -> y {
  p = log_softmax(z)
  y[..] = -p[.., label[..]]
}
## -log of the probability of `y` (0, 1 or between) under logit z, without overflow: softplus(z) - y z.
fn binary_cross_entropy(z: f, y: f) = softplus(z) - y * z
## (prediction - target)², element by element.
fn squared_error(prediction: f, target: f) = (prediction - target)^2
## |prediction - target|, element by element.
fn absolute_error(prediction: f, target: f) = abs(prediction - target)
## Quadratic within `delta` of the target, linear beyond (Huber 1964).
fn huber(prediction: f, target: f, delta: float = 1) =
    if abs(prediction - target) <= delta then 0.5 * (prediction - target)^2
    else delta * (abs(prediction - target) - 0.5 * delta)
## Mean squared error over all elements.
fn mse(prediction: f[..], target: f[..]) = mean(squared_error(prediction, target))
## Mean absolute error over all elements.
fn mae(prediction: f[..], target: f[..]) = mean(absolute_error(prediction, target))
## alpha / 2 times the sum of squares: its gradient is alpha w (Goodfellow et al., section 7.1.1).
fn l2_penalty(w: f[..], alpha: float = 1) = 0.5 * alpha * sum(w^2)
## alpha times the sum of absolute values (Goodfellow et al., section 7.1.2).
fn l1_penalty(w: f[..], alpha: float = 1) = alpha * sum(abs(w))
