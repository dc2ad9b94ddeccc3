# Metrics.  Expected values: counted by hand, or PyTorch 2.15 in float64 where said.
import "samples"
import "std/loss"
import "std/metric"

test "accuracy and top_k_accuracy" {
  z = [[1.0, 3.0, 2.0], [5.0, 4.0, 3.0], [0.0, 0.0, 1.0], [2.0, 2.0, 2.0]]
  label = [1, 2, 0, 1]
  assert accuracy(z, label) == 0.25
  assert top_k_accuracy(z, label, 1) == 0.25
  assert top_k_accuracy(z, label, 2) == 0.75
  assert top_k_accuracy(z, label, 3) == 1
}
test "the places of labels of equal scores" {
  # The first of equals counts as larger, as in `argmax`.
  z = zeros([3, 3])
  assert close(accuracy(z, [0, 1, 2]), 1 / 3, 1e-6)
  assert close(top_k_accuracy(z, [0, 1, 2], 2), 2 / 3, 1e-6)
}
test "confusion_matrix and what follows from it" {
  predicted = [0, 1, 1, 0, 1, 0]
  label     = [0, 1, 0, 0, 1, 2]
  assert all(confusion_matrix(predicted, label, 4) == [[2, 1, 0, 0], [0, 2, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]])
  precision, recall, f1 = precision_recall_f1(predicted, label, 4)
  assert close(precision, [2 / 3, 2 / 3, 0, 0], 1e-6)
  assert close(recall, [2 / 3, 1, 0, 0], 1e-6)
  assert close(f1, [2 / 3, 0.8, 0, 0], 1e-6)
}
test "calibration_error" {
  p = [[0.9, 0.1], [0.2, 0.8], [0.45, 0.55], [0.6, 0.4]]
  # Bins of (0.5, 0.75] and (0.75, 1]: |1 - 1.15| and |1 - 1.7| over 4 rows.
  assert close(calibration_error(p, [0, 0, 1, 1], bins = 4), 0.2125, 1e-6)
  sure = [[1.0, 0.0], [0.0, 1.0]]
  assert calibration_error(sure, [0, 1]) == 0
  assert calibration_error(sure, [1, 0]) == 1
}
test "r_squared" {
  target = [1.0, 2.0, 3.0, 4.0]
  assert r_squared(target, target) == 1
  assert r_squared(target * 0 + 2.5, target) == 0
  assert close(r_squared([1.0, 2.0, 3.0, 5.0], target), 0.8, 1e-6)
}
test "perplexity and bits of equal chances are their number and its logarithm" {
  loss = softmax_cross_entropy(zeros([5, 8]), [0, 1, 2, 3, 7])
  assert close(perplexity(loss), 8, 1e-6)
  assert close(bits_per_character(loss), 3, 1e-6)
}
