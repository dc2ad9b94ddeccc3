# Losses.  Those over tensors give one value an example (or element); take `mean` of them.
import "density"
import "linear"
import "penalty"
import "reduce"
import "scalar"
import "shape"

## -log softmax(z)[label] for each row, times the label's `weight` (Goodfellow et al., section 6.2.2.3).  `smoothing` moves that share of
## the target evenly to all K classes (Szegedy et al. 2016), or with `others` to the K - 1 other ones (Goodfellow et al., section 7.5.1).
## With `ignore` a label that is no class, such as -1 or -100, gives 0; without, it is an error.  [.., K], [..], [K] -> [..].
##
##     softmax_cross_entropy([[0.0, 0.0], [0.0, log(3.0)]], [0, 1]) ≈ [0.6931, 0.2877]
fn softmax_cross_entropy(z: f[.., K], label: i64[..], weight: f[K] = 1, smoothing: float = 0, others: bool = false,
                         ignore: bool = false) -> y {
  p = log_softmax(z)
  if ignore {
    known[..] = 0 <= label[..] and label[..] < K
    label = if known then label else 0
  }
  y[..] = -p[.., label[..]] * weight[label[..]]
  if smoothing > 0 {
    e = if others then smoothing * K / (K - 1) else smoothing
    y[..] = (1 - e) * y[..] - e / K * sum[k](p[.., k] * weight[k])
  }
  if ignore { y[..] = if known[..] then y[..] else 0 }
}

## -sum target log softmax(z), the target a distribution over the classes.  [.., K], [.., K], [K] -> [..].
##
##     soft_cross_entropy([[0.0, log(3.0)]], [[0.5, 0.5]]) ≈ [0.8370]
fn soft_cross_entropy(z: f[.., K], target: f[.., K], weight: f[K] = 1) -> y {
  p = log_softmax(z)
  y[..] = -sum[k](target[.., k] * p[.., k] * weight[k])
}

## -(1 - p)^gamma log p with p = softmax(z)[label]: easy examples count little, each times its label's `weight` (Lin et al. 2017).
## [.., K], [..], [K] -> [..].
##
##     focal([[0.0, 0.0]], [0]) ≈ [0.1733]
fn focal(z: f[.., K], label: i64[..], gamma: float = 2, weight: f[K] = 1) -> y {
  p = log_softmax(z)
  l[..] = p[.., label[..]]
  y[..] = if l[..] == 0 then 0 else -weight[label[..]] * (-expm1(l[..]))^gamma * l[..]
}

## `focal` of the two classes 0 and 1 under logit z (Lin et al. 2017); class 1 weighs `alpha`, class 0 the rest.
##
##     binary_focal(0.0, [1.0, 0.0]) ≈ [0.0433, 0.1300]
fn binary_focal(z: f, y: f, gamma: float = 2, alpha: float = 0.25) =
    (alpha * y + (1 - alpha) * (1 - y)) * exp(gamma * log_sigmoid((1 - 2 * y) * z)) * (softplus(z) - y * z)

## -log of the probability of `y` (0, 1 or between) under logit z, without overflow: softplus(z) - y z (Goodfellow et al., section 6.2.2.2).
##
##     binary_cross_entropy([0.0, 1000.0], [1.0, 0.0]) ≈ [0.6931, 1000.0]
fn binary_cross_entropy(z: f, y: f) = softplus(z) - y * z

## max(0, 1 - y z) for classes y = -1 and 1 (Cortes & Vapnik 1995).
##
##     hinge([0.5, 2.0, -1.0], 1) == [0.5, 0.0, 2.0]
fn hinge(z: f, y: f) = max(1 - y * z, 0)

## max(0, 1 - y z)², the square of `hinge` (Tang 2013).
##
##     squared_hinge([0.5, 2.0, -1.0], 1) == [0.25, 0.0, 4.0]
fn squared_hinge(z: f, y: f) = hinge(z, y)^2

## The sum over the other classes k of max(0, margin - z[label] + z[k]), divided by K (Weston & Watkins 1999).  [.., K], [..] -> [..].
##
##     multiclass_hinge([[1.0, 0.5, 3.0]], [0]) ≈ [1.1667]
fn multiclass_hinge(z: f[.., K], label: i64[..], margin: float = 1) -> y {
  own[..] = z[.., label[..]]
  y[..] = sum[k | k != label[..]](max(margin - own[..] + z[.., k], 0)) / K
}

## (prediction - target)², element by element.
##
##     squared_error([3.0, 1.0], [1.0, 1.0]) == [4.0, 0.0]
fn squared_error(prediction: f, target: f) = (prediction - target)^2

## |prediction - target|, element by element.
##
##     absolute_error([3.0, 1.0], [1.0, 2.0]) == [2.0, 1.0]
fn absolute_error(prediction: f, target: f) = abs(prediction - target)

## Quadratic within `delta` of the target, linear beyond (Huber 1964).
##
##     huber([0.5, 3.0], 0) == [0.125, 2.5]
fn huber(prediction: f, target: f, delta: float = 1) =
    if abs(prediction - target) <= delta then 0.5 * (prediction - target)^2
    else delta * (abs(prediction - target) - 0.5 * delta)

## `huber` scaled to slope 1 far from the target (Girshick 2015).
##
##     smooth_l1([1.0, 3.0], 0, beta = 2) == [0.25, 2.0]
fn smooth_l1(prediction: f, target: f, beta: float = 1) = huber(prediction, target, beta) / beta

## log cosh(prediction - target), without overflow.
##
##     log_cosh([1.0, 1000.0], 0) ≈ [0.4338, 999.3069]
fn log_cosh(prediction: f, target: f) = prediction - target + softplus(-2 * (prediction - target)) - log(2)

## The loss whose minimum is the quantile `q`: q for each unit below the target, 1 - q for each above (Koenker & Bassett 1978).
##
##     quantile_loss([0.0, 2.0], 1, q = 0.75) == [0.75, 0.25]
fn quantile_loss(prediction: f, target: f, q: float) =
    max(q * (target - prediction), (q - 1) * (target - prediction))

## Mean squared error over all elements (Goodfellow et al., equation 5.4).  [..], [..] -> a number.
##
##     mse([1.0, 4.0], [1.0, 2.0]) == 2.0
fn mse(prediction: f[..], target: f[..]) = mean(squared_error(prediction, target))

## Mean absolute error over all elements.  [..], [..] -> a number.
##
##     mae([1.0, 4.0], [1.0, 2.0]) == 1.0
fn mae(prediction: f[..], target: f[..]) = mean(absolute_error(prediction, target))

## -log of the probability of the count `y` under rate e^z, without its part log y! that has no gradient.
##
##     poisson_nll(0.0, 3.0) == 1.0
fn poisson_nll(z: f, y: f) = exp(z) - y * z

## -log of the normal density of the target, without its constant log(2 pi) / 2 (Goodfellow et al., section 6.2.2.4).
##
##     gaussian_nll(3.0, 1.0, 1.0) == 2.0
fn gaussian_nll(prediction: f, target: f, variance: f) = 0.5 * (log(variance) + (prediction - target)^2 / variance)

## max(0, |anchor - positive| - |anchor - negative| + margin) with Euclidean distances (Balntas et al. 2016).  Three of [.., K] -> [..].
##
##     triplet([[0.0, 0.0]], [[3.0, 4.0]], [[0.0, 2.0]]) == [4.0]
fn triplet(anchor: f[.., K], positive: f[.., K], negative: f[.., K], margin: float = 1) =
    max(norm2(anchor - positive) - norm2(anchor - negative) + margin, 0)

## d² / 2 for a pair of one kind (`same` is 1), max(0, margin - d)² / 2 for a pair of two (0), d their Euclidean distance (Hadsell et al.
## 2006).  [.., K], [.., K], [..] -> [..].
##
##     contrastive([[0.0], [0.0]], [[5.0], [0.5]], same = [1.0, 0.0]) == [12.5, 0.125]
fn contrastive(a: f[.., K], b: f[.., K], same: f[..], margin: float = 1) -> y {
  d = norm2(a - b)
  y = 0.5 * (same * d^2 + (1 - same) * max(margin - d, 0)^2)
}

## 1 - cos(a, b) where y is 1, max(0, cos(a, b) - margin) where it is -1.  [.., K], [.., K], [..] -> [..].
##
##     cosine_embedding([[1.0, 0.0]], [[0.0, 2.0]], [1.0]) == [1.0]
##     cosine_embedding([[1.0, 0.0]], [[3.0, 0.0]], [-1.0]) == [1.0]
fn cosine_embedding(a: f[.., K], b: f[.., K], y: f[..], margin: float = 0) -> l {
  c = cosine_similarity(a, b)
  l = if y > 0 then 1 - c else max(c - margin, 0)
}

## InfoNCE (van den Oord et al. 2018): cross-entropy of finding `b[n]`, which belongs to `a[n]`, among all rows of `b` by its
## cosine with it.  [N, K], [N, K] -> [N].
##
##     v = [[1.0, 0.0], [0.0, 1.0]]
##     info_nce(v, v, temperature = 1) ≈ [0.3133, 0.3133]
fn info_nce(a: f[N, K], b: f[N, K], temperature: float = 0.1) -> y {
  s = matmul(normalize(a), transpose(normalize(b))) / temperature
  y[n] = -log_softmax(s)[n, n]
}

## NT-Xent, the loss of SimCLR (Chen et al. 2020): `a[n]` and `b[n]` are two views of an example; cross-entropy of finding the one
## among the 2 N - 1 views other than itself by its cosine with the other.  [N, K], [N, K] -> [2 N], the views of `a` first.
##
##     v = [[1.0, 0.0], [0.0, 1.0]]
##     nt_xent(v, v, temperature = 1) ≈ [0.5514, 0.5514, 0.5514, 0.5514]
fn nt_xent(a: f[N, K], b: f[N, K], temperature: float = 0.5) -> y {
  v = normalize(stack_rows(a, b))
  s[i, j] = if i == j then -inf else sum[k](v[i, k] * v[j, k]) / temperature
  y[i] = -log_softmax(s)[i, (i + N) % (2 * N)]
}

## 1 - Dice's coefficient of a soft mask p in [0, 1] and a mask y (Dice 1945; Drozdzal et al. 2016); `smooth` makes that of two empty masks
## 0.  [N, ..S], [N, ..S] -> [N].
##
##     dice([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [1.0, 0.0]]) ≈ [0.0, 0.6667]
fn dice(p: f[N, ..S], y: f[N, ..S], smooth: float = 1) -> l {
  l[n] = 1 - (2 * sum[..s](p[n, ..s] * y[n, ..s]) + smooth) / (sum[..s](p[n, ..s]) + sum[..s](y[n, ..s]) + smooth)
}

fn _logsumexp3(a: f, b: f, c: f) -> y {
  m = stop_gradient(max(max(a, b), c))
  y = if m == -inf then -inf else m + log(exp(a - m) + exp(b - m) + exp(c - m))
}

## -log of the probability that softmax(z) emits the labels, at most one a frame, any number of blanks between them; repeated emissions
## count once (connectionist temporal classification: Graves et al. 2006, equations 6 to 8, in logarithms).  Example n has `frames[n]`
## frames and `symbols[n]` labels; what stands behind them does not matter.  Where there are too few frames the loss is infinite and its
## gradient 0.  [T, N, K], [N, L], [N], [N] -> [N].
##
##     ctc(zeros([2, 1, 2]), [[1]], frames = [2], symbols = [1]) ≈ [0.2877]
fn ctc(z: f[T, N, K], label: i64[N, L], frames: i64[N], symbols: i64[N], blank: int = 0) -> y {
  p = log_softmax(z)
  # The labels with a blank before, between and behind them; `a[n, s]` is the log of the probability to stand at the
  # symbol `s` of them.
  path[n, s < 2 * L + 1] = if s % 2 == 1 and s < 2 * symbols[n] then label[n, s // 2 else blank] else blank
  skips[n, s] = path[n, s] != blank and path[n, s] != path[n, s - 2 else blank]
  before[n < N, s < 2 * L + 1] = if s == 0 then 0.0 else -inf
  as = scan t in 0..T with a = before {
    next[n, s] = p[t, n, path[n, s]] + _logsumexp3(a[n, s], a[n, s - 1 else -inf],
                                                   if skips[n, s] then a[n, s - 2 else -inf] else -inf)
    a[n, s] = if t < frames[n] then next[n, s] else a[n, s]
    yield a
  }
  y[n] = -_logsumexp3(as[T - 1, n, 2 * symbols[n]], as[T - 1, n, 2 * symbols[n] - 1 else -inf], -inf)
}
