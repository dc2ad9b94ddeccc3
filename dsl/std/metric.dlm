# Metrics: one number for a batch, or one for each class.
import "reduce"

## The share of rows whose largest score is the label's.  [.., K], [..] -> a number.
##
##     accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1]) == 0.5
fn accuracy(z: f[.., K], label: i64[..]) -> y {
  right[..] = argmax[k](z[.., k]) == label[..]
  y = mean(right)
}

## The share of rows whose label is among the k largest scores; of equal scores the first counts as larger.  [.., K], [..] -> a number.
##
##     top_k_accuracy([[0.1, 0.5, 0.4], [0.1, 0.5, 0.4]], [2, 0], k = 2) == 0.5
fn top_k_accuracy(z: f[.., K], label: i64[..], k: int = 5) -> y {
  own[..]   = z[.., label[..]]
  above[..] = sum[j](z[.., j] > own[..] or z[.., j] == own[..] and j < label[..])
  y = mean(above < k)
}

## How often a row of class `i` is predicted to be of class `j`, at [i, j].  [N], [N] -> [classes, classes].
##
##     confusion_matrix([0, 1, 1], [0, 0, 1], classes = 2) == [[1, 1], [0, 1]]
fn confusion_matrix(predicted: i64[N], label: i64[N], classes: int) -> y {
  y[i < classes, j < classes] = 0
  y[label[n], predicted[n]] += 1
}

## Precision, recall and their harmonic mean F1 of each class; 0 where there is nothing to divide by.  [N], [N] -> three of [classes].
##
##     precision, recall, f1 = precision_recall_f1([0, 1, 1], [0, 0, 1], classes = 2)
##     precision == [1.0, 0.5]
##     recall == [0.5, 1.0]
fn precision_recall_f1(predicted: i64[N], label: i64[N], classes: int) -> precision, recall, f1 {
  m = confusion_matrix(predicted, label, classes)
  hit[c]  = m[c, c]
  said[c] = sum[i](m[i, c])
  actual[c] = sum[j](m[c, j])
  precision = hit / max(said, 1)
  recall    = hit / max(actual, 1)
  f1        = 2 * hit / max(said + actual, 1)
}

## Expected calibration error: over `bins` equal intervals of the largest probability, the mean distance between it and the share of right
## answers (Naeini et al. 2015; Guo et al. 2017).  [N, K], [N] -> a number.
##
##     calibration_error([[0.75, 0.25], [0.75, 0.25]], [0, 1]) == 0.25
fn calibration_error(p: f[N, K], label: i64[N], bins: int = 15) -> y {
  sure[n]  = max[k](p[n, k])
  right[n] = argmax[k](p[n, k]) == label[n]
  gap[b < bins] = sum[n | b < sure[n] * bins and sure[n] * bins <= b + 1](right[n] - sure[n])
  y = sum(abs(gap)) / N
}

## The share of the variance that a prediction explains: 1 - residual sum of squares / total sum of squares, over all elements.  [..S],
## [..S] -> a number.
##
##     r_squared([1.0, 2.0, 4.0], [1.0, 2.0, 3.0]) == 0.5
fn r_squared(prediction: f[..S], target: f[..S]) = 1 - sum((target - prediction)^2) / sum((target - mean(target))^2)

## exp of the mean of losses in nats, such as those of `softmax_cross_entropy`.  [..] -> a number.
##
##     perplexity([log(2.0), log(8.0)]) ≈ 4.0
fn perplexity(loss: f[..]) = exp(mean(loss))

## The mean of losses in nats, in bits: per character where each loss is one character's.  [..] -> a number.
##
##     bits_per_character([log(2.0), log(8.0)]) ≈ 2.0
fn bits_per_character(loss: f[..]) = mean(loss) / log(2)
