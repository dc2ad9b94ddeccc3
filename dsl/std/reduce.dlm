# Functions of a vector, over the last axis.  Applied along an index, `softmax[j](x[a, j, b])[k]`, they serve any axis.

## log sum exp over the last axis, safe for large arguments (Goodfellow et al., section 4.1).  [.., K] -> [..].
##
##     logsumexp([[0.0, 0.0], [1000.0, 1000.0]]) ≈ [0.6931, 1000.6931]
fn logsumexp(x: f[.., K]) -> y {
  m[..] = max[k](x[.., k])
  c = stop_gradient(if -inf < m and m < inf then m else 0)
  y[..] = c[..] + log(sum[k](exp(x[.., k] - c[..])))
}

## exp(x) / sum exp(x) over the last axis.  [.., K] -> [.., K] (Goodfellow et al., equation 6.29).
##
##     softmax([0.0, log(3.0)]) ≈ [0.25, 0.75]
fn softmax(x: f[.., K]) -> y {
  m[..]    = max[k](x[.., k])
  e[.., k] = exp(x[.., k] - m[..])
  y[.., k] = e[.., k] / sum[j](e[.., j])
}

## log softmax(x), exact where softmax underflows.  [.., K] -> [.., K] (Goodfellow et al., equation 6.30).
##
##     log_softmax([0.0, 1000.0]) ≈ [-1000.0, 0.0]
fn log_softmax(x: f[.., K]) -> y {
  m[..]    = max[k](x[.., k])
  z[.., k] = x[.., k] - m[..]
  y[.., k] = z[.., k] - log(sum[j](exp(z[.., j])))
}

## Variance over the last axis (Goodfellow et al., equation 3.12); `correction = 1` divides by K - 1.  [.., K] -> [..].
##
##     variance([1.0, 3.0]) == 1.0
##     variance([1.0, 3.0], correction = 1) == 2.0
fn variance(x: f[.., K], correction: int = 0) -> y {
  m[..] = mean[k](x[.., k])
  y[..] = sum[k]((x[.., k] - m[..])^2) / (K - correction)
}

## Euclidean length over the last axis (Goodfellow et al., equation 2.30); scaled so that squares neither overflow nor vanish.  The slope at
## 0 is 0.  [.., K] -> [..].
##
##     norm2([[3.0, 4.0], [0.0, 2.0]]) == [5.0, 2.0]
fn norm2(x: f[.., K]) -> y {
  s[..] = max[k](abs(x[.., k]))
  s = stop_gradient(if s > 0 then s else 1)
  q[..] = sum[k]((x[.., k] / s[..])^2)
  y[..] = if q[..] == 0 then 0 else s[..] * sqrt(q[..])
}

## x / |x| over the last axis; 0 stays 0.  [.., K] -> [.., K].
##
##     normalize([[3.0, 4.0], [0.0, 0.0]]) ≈ [[0.6, 0.8], [0.0, 0.0]]
fn normalize(x: f[.., K]) -> y {
  n = norm2(x)
  y[.., k] = if n[..] == 0 then 0 else x[.., k] / n[..]
}
