# Gradients of std/loss with respect to every argument, in f64: within 1e-9, relatively, of central differences of order four along fixed
# directions.
import "samples"
import "std/loss"

fn _softmax_cross_entropy(t: f[1]) {
  z = 3 * samples([3, 2, 4], 1) + t[0] * samples([3, 2, 4], 21)
  y = softmax_cross_entropy(z, [[0, 3], [2, 1], [3, 3]])
  return sum(y * samples(shape(y), 50))
}
test "softmax_cross_entropy" {
  t = zeros([1])
  g = grad(_softmax_cross_entropy(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_softmax_cross_entropy(2 * e), _softmax_cross_entropy(e), _softmax_cross_entropy(-e),
                            _softmax_cross_entropy(-2 * e), 0.001), 1e-9)
  }
}
fn _binary_cross_entropy(t: f[2]) {
  p = 2.9 * samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  t = samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  y = binary_cross_entropy(p, t)
  return sum(y * samples(shape(y), 50))
}
test "binary_cross_entropy" {
  t = zeros([2])
  g = grad(_binary_cross_entropy(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_binary_cross_entropy(2 * e), _binary_cross_entropy(e), _binary_cross_entropy(-e),
                            _binary_cross_entropy(-2 * e), 0.001), 1e-9)
  }
}
fn _squared_error(t: f[2]) {
  p = 2.9 * samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  t = samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  y = squared_error(p, t)
  return sum(y * samples(shape(y), 50))
}
test "squared_error" {
  t = zeros([2])
  g = grad(_squared_error(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_squared_error(2 * e), _squared_error(e), _squared_error(-e), _squared_error(-2 * e),
                            0.001), 1e-9)
  }
}
fn _absolute_error(t: f[2]) {
  p = 2.9 * samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  t = samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  y = absolute_error(p, t)
  return sum(y * samples(shape(y), 50))
}
test "absolute_error" {
  t = zeros([2])
  g = grad(_absolute_error(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_absolute_error(2 * e), _absolute_error(e), _absolute_error(-e), _absolute_error(-2 * e),
                            0.001), 1e-9)
  }
}
fn _huber(t: f[2]) {
  p = 2.9 * samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  t = samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  y = huber(p, t)
  return sum(y * samples(shape(y), 50))
}
test "huber" {
  t = zeros([2])
  g = grad(_huber(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_huber(2 * e), _huber(e), _huber(-e), _huber(-2 * e), 0.001), 1e-9)
  }
}
fn _huber__delta(t: f[2]) {
  p = 2.9 * samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  t = samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  y = huber(p, t, delta = 2)
  return sum(y * samples(shape(y), 50))
}
test "huber, delta" {
  t = zeros([2])
  g = grad(_huber__delta(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_huber__delta(2 * e), _huber__delta(e), _huber__delta(-e), _huber__delta(-2 * e), 0.001),
                 1e-9)
  }
}
fn _mse(t: f[2]) {
  p = 2.9 * samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  t = samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  y = [mse(p, t)]
  return sum(y * samples(shape(y), 50))
}
test "mse" {
  t = zeros([2])
  g = grad(_mse(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_mse(2 * e), _mse(e), _mse(-e), _mse(-2 * e), 0.001), 1e-9)
  }
}
fn _mae(t: f[2]) {
  p = 2.9 * samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  t = samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  y = [mae(p, t)]
  return sum(y * samples(shape(y), 50))
}
test "mae" {
  t = zeros([2])
  g = grad(_mae(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_mae(2 * e), _mae(e), _mae(-e), _mae(-2 * e), 0.001), 1e-9)
  }
}
fn _softmax_cross_entropy_with_class_weights(t: f[2]) {
  z = 3 * samples([3, 2, 4], 1) + t[0] * samples([3, 2, 4], 21)
  w = 2 + samples([4], 5) + t[1] * samples([4], 22)
  label = [[0, 3], [2, 1], [3, 3]]
  v = softmax_cross_entropy(z, label, w)
  return sum(v * samples(shape(v), 50))
}
test "softmax_cross_entropy with class weights" {
  t = zeros([2])
  g = grad(_softmax_cross_entropy_with_class_weights(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_softmax_cross_entropy_with_class_weights(2 * e),
                            _softmax_cross_entropy_with_class_weights(e), _softmax_cross_entropy_with_class_weights(-e),
                            _softmax_cross_entropy_with_class_weights(-2 * e), 0.001), 1e-9)
  }
}
fn _softmax_cross_entropy_with_class_weights_and_smoothing(t: f[1]) {
  z = 3 * samples([3, 2, 4], 1) + t[0] * samples([3, 2, 4], 21)
  label = [[0, 3], [2, 1], [3, 3]]
  v = softmax_cross_entropy(z, label, [0.5, 1.0, 2.0, 0.0], smoothing = 0.2)
  return sum(v * samples(shape(v), 50))
}
test "softmax_cross_entropy with class weights and smoothing" {
  t = zeros([1])
  g = grad(_softmax_cross_entropy_with_class_weights_and_smoothing(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_softmax_cross_entropy_with_class_weights_and_smoothing(2 * e),
                            _softmax_cross_entropy_with_class_weights_and_smoothing(e),
                            _softmax_cross_entropy_with_class_weights_and_smoothing(-e),
                            _softmax_cross_entropy_with_class_weights_and_smoothing(-2 * e), 0.001), 1e-9)
  }
}
fn _softmax_cross_entropy_with_ignored_labels(t: f[1]) {
  z = 3 * samples([3, 2, 4], 1) + t[0] * samples([3, 2, 4], 21)
  label = [[0, -100], [-100, 1], [3, 3]]
  v = softmax_cross_entropy(z, label, smoothing = 0.2, ignore = true)
  return sum(v * samples(shape(v), 50))
}
test "softmax_cross_entropy with ignored labels" {
  t = zeros([1])
  g = grad(_softmax_cross_entropy_with_ignored_labels(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_softmax_cross_entropy_with_ignored_labels(2 * e),
                            _softmax_cross_entropy_with_ignored_labels(e),
                            _softmax_cross_entropy_with_ignored_labels(-e),
                            _softmax_cross_entropy_with_ignored_labels(-2 * e), 0.001), 1e-9)
  }
}
fn _softmax_cross_entropy_with_smoothing_over_the_other_classes(t: f[1]) {
  z = 3 * samples([3, 2, 4], 1) + t[0] * samples([3, 2, 4], 21)
  label = [[0, 3], [2, 1], [3, 3]]
  v = softmax_cross_entropy(z, label, smoothing = 0.2, others = true)
  return sum(v * samples(shape(v), 50))
}
test "softmax_cross_entropy with smoothing over the other classes" {
  t = zeros([1])
  g = grad(_softmax_cross_entropy_with_smoothing_over_the_other_classes(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_softmax_cross_entropy_with_smoothing_over_the_other_classes(2 * e),
                            _softmax_cross_entropy_with_smoothing_over_the_other_classes(e),
                            _softmax_cross_entropy_with_smoothing_over_the_other_classes(-e),
                            _softmax_cross_entropy_with_smoothing_over_the_other_classes(-2 * e), 0.001), 1e-9)
  }
}
fn _soft_cross_entropy(t: f[3]) {
  z = 3 * samples([3, 2, 4], 1) + t[0] * samples([3, 2, 4], 21)
  target = samples([3, 2, 4], 2) + t[1] * samples([3, 2, 4], 22)
  w = 2 + samples([4], 5) + t[2] * samples([4], 23)
  v = soft_cross_entropy(z, target, w)
  return sum(v * samples(shape(v), 50))
}
test "soft_cross_entropy" {
  t = zeros([3])
  g = grad(_soft_cross_entropy(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_soft_cross_entropy(2 * e), _soft_cross_entropy(e), _soft_cross_entropy(-e),
                            _soft_cross_entropy(-2 * e), 0.001), 1e-9)
  }
}
fn _focal(t: f[2]) {
  z = 3 * samples([3, 2, 4], 1) + t[0] * samples([3, 2, 4], 21)
  w = 2 + samples([4], 5) + t[1] * samples([4], 22)
  label = [[0, 3], [2, 1], [3, 3]]
  v = focal(z, label, weight = w)
  return sum(v * samples(shape(v), 50))
}
test "focal" {
  t = zeros([2])
  g = grad(_focal(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_focal(2 * e), _focal(e), _focal(-e), _focal(-2 * e), 0.001), 1e-9)
  }
}
fn _focal_gamma_0_5(t: f[1]) {
  z = 3 * samples([3, 2, 4], 1) + t[0] * samples([3, 2, 4], 21)
  label = [[0, 3], [2, 1], [3, 3]]
  v = focal(z, label, gamma = 0.5)
  return sum(v * samples(shape(v), 50))
}
test "focal, gamma 0.5" {
  t = zeros([1])
  g = grad(_focal_gamma_0_5(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_focal_gamma_0_5(2 * e), _focal_gamma_0_5(e), _focal_gamma_0_5(-e),
                            _focal_gamma_0_5(-2 * e), 0.001), 1e-9)
  }
}
fn _binary_focal(t: f[1]) {
  z = 3 * samples([2, 3], 1) + t[0] * samples([2, 3], 21)
  label = [[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]]
  v = binary_focal(z, label)
  return sum(v * samples(shape(v), 50))
}
test "binary_focal" {
  t = zeros([1])
  g = grad(_binary_focal(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_binary_focal(2 * e), _binary_focal(e), _binary_focal(-e), _binary_focal(-2 * e), 0.001),
                 1e-9)
  }
}
fn _binary_focal_gamma_1_5_alpha_0_5(t: f[1]) {
  z = 3 * samples([2, 3], 1) + t[0] * samples([2, 3], 21)
  label = [[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]]
  v = binary_focal(z, label, gamma = 1.5, alpha = 0.5)
  return sum(v * samples(shape(v), 50))
}
test "binary_focal, gamma 1.5, alpha 0.5" {
  t = zeros([1])
  g = grad(_binary_focal_gamma_1_5_alpha_0_5(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_binary_focal_gamma_1_5_alpha_0_5(2 * e), _binary_focal_gamma_1_5_alpha_0_5(e),
                            _binary_focal_gamma_1_5_alpha_0_5(-e), _binary_focal_gamma_1_5_alpha_0_5(-2 * e), 0.001),
                 1e-9)
  }
}
fn _hinge(t: f[1]) {
  z = 3 * samples([2, 3], 1) + t[0] * samples([2, 3], 21)
  sign = [[1.0, -1.0, 1.0], [-1.0, 1.0, -1.0]]
  v = hinge(z, sign)
  return sum(v * samples(shape(v), 50))
}
test "hinge" {
  t = zeros([1])
  g = grad(_hinge(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_hinge(2 * e), _hinge(e), _hinge(-e), _hinge(-2 * e), 0.001), 1e-9)
  }
}
fn _squared_hinge(t: f[1]) {
  z = 3 * samples([2, 3], 1) + t[0] * samples([2, 3], 21)
  sign = [[1.0, -1.0, 1.0], [-1.0, 1.0, -1.0]]
  v = squared_hinge(z, sign)
  return sum(v * samples(shape(v), 50))
}
test "squared_hinge" {
  t = zeros([1])
  g = grad(_squared_hinge(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_squared_hinge(2 * e), _squared_hinge(e), _squared_hinge(-e), _squared_hinge(-2 * e),
                            0.001), 1e-9)
  }
}
fn _multiclass_hinge(t: f[1]) {
  z = 2.9 * samples([3, 2, 4], 1) + t[0] * samples([3, 2, 4], 21)
  label = [[0, 3], [2, 1], [3, 3]]
  v = multiclass_hinge(z, label)
  return sum(v * samples(shape(v), 50))
}
test "multiclass_hinge" {
  t = zeros([1])
  g = grad(_multiclass_hinge(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_multiclass_hinge(2 * e), _multiclass_hinge(e), _multiclass_hinge(-e),
                            _multiclass_hinge(-2 * e), 0.001), 1e-9)
  }
}
fn _multiclass_hinge_margin_0_7(t: f[1]) {
  z = 2.9 * samples([3, 2, 4], 1) + t[0] * samples([3, 2, 4], 21)
  label = [[0, 3], [2, 1], [3, 3]]
  v = multiclass_hinge(z, label, margin = 0.7)
  return sum(v * samples(shape(v), 50))
}
test "multiclass_hinge, margin 0.7" {
  t = zeros([1])
  g = grad(_multiclass_hinge_margin_0_7(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_multiclass_hinge_margin_0_7(2 * e), _multiclass_hinge_margin_0_7(e),
                            _multiclass_hinge_margin_0_7(-e), _multiclass_hinge_margin_0_7(-2 * e), 0.001), 1e-9)
  }
}
fn _smooth_l1(t: f[2]) {
  p = 2.9 * samples([2, 3], 1) + t[0] * samples([2, 3], 21)
  q = samples([2, 3], 2) + t[1] * samples([2, 3], 22)
  v = smooth_l1(p, q, beta = 1.3)
  return sum(v * samples(shape(v), 50))
}
test "smooth_l1" {
  t = zeros([2])
  g = grad(_smooth_l1(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_smooth_l1(2 * e), _smooth_l1(e), _smooth_l1(-e), _smooth_l1(-2 * e), 0.001), 1e-9)
  }
}
fn _log_cosh(t: f[2]) {
  p = 2.9 * samples([2, 3], 1) + t[0] * samples([2, 3], 21)
  q = samples([2, 3], 2) + t[1] * samples([2, 3], 22)
  v = log_cosh(p, q)
  return sum(v * samples(shape(v), 50))
}
test "log_cosh" {
  t = zeros([2])
  g = grad(_log_cosh(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_log_cosh(2 * e), _log_cosh(e), _log_cosh(-e), _log_cosh(-2 * e), 0.001), 1e-9)
  }
}
fn _quantile_loss(t: f[2]) {
  p = 2.9 * samples([2, 3], 1) + t[0] * samples([2, 3], 21)
  q = samples([2, 3], 2) + t[1] * samples([2, 3], 22)
  v = quantile_loss(p, q, 0.3)
  return sum(v * samples(shape(v), 50))
}
test "quantile_loss" {
  t = zeros([2])
  g = grad(_quantile_loss(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_quantile_loss(2 * e), _quantile_loss(e), _quantile_loss(-e), _quantile_loss(-2 * e),
                            0.001), 1e-9)
  }
}
fn _poisson_nll(t: f[2]) {
  p = 2.9 * samples([2, 3], 1) + t[0] * samples([2, 3], 21)
  q = samples([2, 3], 2) + t[1] * samples([2, 3], 22)
  v = poisson_nll(p, q)
  return sum(v * samples(shape(v), 50))
}
test "poisson_nll" {
  t = zeros([2])
  g = grad(_poisson_nll(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_poisson_nll(2 * e), _poisson_nll(e), _poisson_nll(-e), _poisson_nll(-2 * e), 0.001),
                 1e-9)
  }
}
fn _gaussian_nll(t: f[3]) {
  p = 2.9 * samples([2, 3], 1) + t[0] * samples([2, 3], 21)
  q = samples([2, 3], 2) + t[1] * samples([2, 3], 22)
  v = 1.5 + samples([2, 3], 3) + t[2] * samples([2, 3], 23)
  v = gaussian_nll(p, q, v)
  return sum(v * samples(shape(v), 50))
}
test "gaussian_nll" {
  t = zeros([3])
  g = grad(_gaussian_nll(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_gaussian_nll(2 * e), _gaussian_nll(e), _gaussian_nll(-e), _gaussian_nll(-2 * e), 0.001),
                 1e-9)
  }
}
fn _triplet(t: f[3]) {
  a = samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  b = 0.9 * samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  c = 1.1 * samples([3, 4], 3) + t[2] * samples([3, 4], 23)
  v = triplet(a, b, c)
  return sum(v * samples(shape(v), 50))
}
test "triplet" {
  t = zeros([3])
  g = grad(_triplet(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k], difference(_triplet(2 * e), _triplet(e), _triplet(-e), _triplet(-2 * e), 0.001), 1e-9)
  }
}
fn _triplet_margin_0_3(t: f[3]) {
  a = samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  b = 0.9 * samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  c = 1.1 * samples([3, 4], 3) + t[2] * samples([3, 4], 23)
  v = triplet(a, b, c, margin = 0.3)
  return sum(v * samples(shape(v), 50))
}
test "triplet, margin 0.3" {
  t = zeros([3])
  g = grad(_triplet_margin_0_3(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_triplet_margin_0_3(2 * e), _triplet_margin_0_3(e), _triplet_margin_0_3(-e),
                            _triplet_margin_0_3(-2 * e), 0.001), 1e-9)
  }
}
fn _contrastive(t: f[3]) {
  a = samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  b = 0.9 * samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  same = 0.5 + 0.5 * samples([3], 4) + t[2] * samples([3], 23)
  v = contrastive(a, b, same, margin = 2)
  return sum(v * samples(shape(v), 50))
}
test "contrastive" {
  t = zeros([3])
  g = grad(_contrastive(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k], difference(_contrastive(2 * e), _contrastive(e), _contrastive(-e), _contrastive(-2 * e), 0.001),
                 1e-9)
  }
}
fn _cosine_embedding(t: f[2]) {
  a = samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  b = 0.9 * samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  v = cosine_embedding(a, b, [1.0, -1.0, -1.0], margin = -0.5)
  return sum(v * samples(shape(v), 50))
}
test "cosine_embedding" {
  t = zeros([2])
  g = grad(_cosine_embedding(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k],
                 difference(_cosine_embedding(2 * e), _cosine_embedding(e), _cosine_embedding(-e),
                            _cosine_embedding(-2 * e), 0.001), 1e-9)
  }
}
fn _info_nce(t: f[2]) {
  a = samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  b = 0.9 * samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  v = info_nce(a, b, temperature = 0.3)
  return sum(v * samples(shape(v), 50))
}
test "info_nce" {
  t = zeros([2])
  g = grad(_info_nce(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_info_nce(2 * e), _info_nce(e), _info_nce(-e), _info_nce(-2 * e), 0.001), 1e-9)
  }
}
fn _nt_xent(t: f[2]) {
  a = samples([3, 4], 1) + t[0] * samples([3, 4], 21)
  b = 0.9 * samples([3, 4], 2) + t[1] * samples([3, 4], 22)
  v = nt_xent(a, b)
  return sum(v * samples(shape(v), 50))
}
test "nt_xent" {
  t = zeros([2])
  g = grad(_nt_xent(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_nt_xent(2 * e), _nt_xent(e), _nt_xent(-e), _nt_xent(-2 * e), 0.001), 1e-9)
  }
}
fn _dice(t: f[2]) {
  p = 0.5 + 0.45 * samples([2, 2, 3], 1) + t[0] * samples([2, 2, 3], 21)
  q = 0.5 + 0.5 * samples([2, 2, 3], 2) + t[1] * samples([2, 2, 3], 22)
  v = dice(p, q)
  return sum(v * samples(shape(v), 50))
}
test "dice" {
  t = zeros([2])
  g = grad(_dice(t), t)
  for k in 0..2 {
    e = 0.001 * axis(k, 2)
    assert agree(g[k], difference(_dice(2 * e), _dice(e), _dice(-e), _dice(-2 * e), 0.001), 1e-9)
  }
}
fn _ctc(t: f[1]) {
  z = 3 * samples([5, 4, 3], 1) + t[0] * samples([5, 4, 3], 21)
  label = [[1, 1], [2, 1], [2, 0], [0, 0]]
  frames = [5, 4, 3, 2]
  symbols = [2, 2, 1, 0]
  v = ctc(z, label, frames, symbols)
  return sum(v * samples(shape(v), 50))
}
test "ctc" {
  t = zeros([1])
  g = grad(_ctc(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_ctc(2 * e), _ctc(e), _ctc(-e), _ctc(-2 * e), 0.001), 1e-9)
  }
}
fn _ctc_blank_2(t: f[1]) {
  z = 3 * samples([5, 4, 3], 1) + t[0] * samples([5, 4, 3], 21)
  label = [[1, 1], [0, 1], [1, 1], [0, 0]]
  frames = [5, 4, 3, 2]
  symbols = [2, 2, 1, 0]
  v = ctc(z, label, frames, symbols, blank = 2)
  return sum(v * samples(shape(v), 50))
}
test "ctc, blank 2" {
  t = zeros([1])
  g = grad(_ctc_blank_2(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_ctc_blank_2(2 * e), _ctc_blank_2(e), _ctc_blank_2(-e), _ctc_blank_2(-2 * e), 0.001),
                 1e-9)
  }
}
