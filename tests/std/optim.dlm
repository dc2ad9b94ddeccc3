# Optimizers: their first steps, as `minimize` takes them.  Numbers are worked out by hand where the gradient is given, or by PyTorch 2.15 where it
# has the rule; five steps and whole trainings are in `tests/cli/optimizers_test.py` and `tests/cli/train_reference_test.py`.
import "std/optim"

## (10 x² + y²) / 2, the gradient (10 x, y).
fn _bowl(w: f[2]) = 0.5 * (10 * w[0]^2 + w[1]^2)
## Of gradient 0.
fn _level(w: f[..]) = 0 * sum(w)

test "sgd goes down by the gradient" {
  # (1 - 0.05 * 10, 1 - 0.05 * 1), and again.
  assert close(minimize([1.0, 1.0], _bowl, sgd(lr = 0.05)), [0.5, 0.95], 1e-15)
  assert close(minimize([1.0, 1.0], _bowl, sgd(lr = 0.05), steps = 2), [0.25, 0.9025], 1e-15)
  assert all(minimize([1.0, 1.0], _bowl, sgd(lr = 0.05), steps = 0) == [1.0, 1.0])
}
test "sgd with momentum, Nesterov's form and weight decay" {
  # v = 1, 1.5, 1.75 under a gradient of 1.
  assert close(minimize([1.0], sum, sgd(lr = 0.25, momentum = 0.5), steps = 3), [1 - 0.25 * 4.25], 1e-15)
  # 1 + 0.5 * 1 and 1 + 0.5 * 1.5.
  assert close(minimize([1.0], sum, sgd(lr = 0.25, momentum = 0.5, nesterov = true), steps = 2), [1 - 0.25 * 3.25],
               1e-15)
  # The decay alone: w - 0.25 * 0.5 * w.
  assert close(minimize([1.0], _level, sgd(lr = 0.25, weight_decay = 0.5), steps = 2), [0.875^2], 1e-15)
  # torch.optim.SGD.
  assert close(minimize([1.0, 1.0], _bowl, sgd(lr = 0.05, momentum = 0.9, weight_decay = 0.1), steps = 3),
               [-0.737717625, 0.705803625], 1e-14)
  assert close(minimize([1.0, 1.0], _bowl, sgd(lr = 0.05, momentum = 0.9, nesterov = true), steps = 3),
               [-0.404875, 0.631462625], 1e-14)
}
test "momentum is sgd's, with the rate inside the velocity" {
  assert close(minimize([1.0], sum, momentum(lr = 0.25, momentum = 0.5), steps = 3), [1 - 0.25 * 4.25], 1e-15)
  assert close(minimize([1.0, 1.0], _bowl, momentum(lr = 0.05, momentum = 0.9), steps = 3),
               minimize([1.0, 1.0], _bowl, sgd(lr = 0.05, momentum = 0.9), steps = 3), 1e-14)
}
test "nesterov_momentum looks ahead" {
  # y: g = 1, v = -0.05, w = 0.95; the gradient at 0.95 + 0.9 * -0.05 = 0.905 makes v = -0.045 - 0.04525 and w = 0.85975.
  # x: g = 10, v = -0.5, w = 0.5; the gradient at 0.5 - 0.45 = 0.05 is 0.5, v = -0.45 - 0.025, w = 0.025.
  assert close(minimize([1.0, 1.0], _bowl, nesterov_momentum(lr = 0.05, momentum = 0.9), steps = 2), [0.025, 0.85975],
               1e-14)
}
test "adagrad: steps shrink as the squares add up" {
  # 1 / sqrt(1) + 1 / sqrt(2) + 1 / sqrt(3) under a gradient of 1, of any scale.
  least = [1 - 0.5 * (1 + 1 / sqrt(2) + 1 / sqrt(3))]
  assert close(minimize([1.0], sum, adagrad(lr = 0.5, delta = 0), steps = 3), least, 1e-14)
  assert close(minimize([1.0], _steep, adagrad(lr = 0.5, delta = 0), steps = 3), least, 1e-14)
  # torch.optim.Adagrad.
  assert close(minimize([1.0, 1.0], _bowl, adagrad(lr = 0.5, delta = 1e-7), steps = 3),
               [0.156398740371336, 0.156398779495449],
               1e-13)
}
fn _steep(w: f[..]) = 100 * sum(w)
test "rmsprop: a moving mean of the squares" {
  # r = 0.75, 0.9375 under a gradient of 1.
  assert close(minimize([1.0], sum, rmsprop(lr = 0.25, rho = 0.25, delta = 0), steps = 2),
               [1 - 0.25 * (1 / sqrt(0.75) + 1 / sqrt(0.9375))], 1e-14)
  # `delta` is under the root.
  assert close(minimize([1.0], sum, rmsprop(lr = 1, rho = 0, delta = 3)), [0.5], 1e-15)
}
test "rmsprop_nesterov: the scaled gradient at the point ahead" {
  # x² / 2 from 1: r = 0.75, v = -0.25 / sqrt(0.75); then g at w + v / 2.
  v = -0.25 / sqrt(0.75)
  g = 1 + v + 0.5 * v
  u = 0.5 * v - 0.25 * g / sqrt(0.25 * 0.75 + 0.75 * g^2)
  assert close(minimize([1.0], _parabola, rmsprop_nesterov(lr = 0.25, rho = 0.25, momentum = 0.5), steps = 2),
               [1 + v + u], 1e-14)
  # Where no gradient has been, nothing moves.
  assert all(minimize([1.0], _level, rmsprop_nesterov(), steps = 2) == [1.0])
}
fn _parabola(w: f[1]) = 0.5 * w[0]^2
test "adadelta: steps of the size of those before" {
  # d = sqrt(1) / sqrt(0.5 + 1), then s = d² / 2, r = 0.75.
  d = 1 / sqrt(1.5)
  assert close(minimize([1.0], sum, adadelta(rho = 0.5, eps = 1)), [1 - d], 1e-14)
  assert close(minimize([1.0], sum, adadelta(rho = 0.5, eps = 1), steps = 2), [1 - d - sqrt(d^2 / 2 + 1) / sqrt(1.75)],
               1e-14)
  # torch.optim.Adadelta.
  assert close(minimize([1.0, 1.0], _bowl, adadelta(), steps = 3), [0.986464429527095, 0.986464564884951], 1e-13)
}
test "adam: the first steps under a steady gradient are the rate" {
  assert close(minimize([1.0], sum, adam(lr = 0.25, eps = 0), steps = 3), [0.25], 1e-13)
  assert close(minimize([1.0], _steep, adam(lr = 0.25, eps = 0), steps = 3), [0.25], 1e-13)
  # torch.optim.Adam.
  assert close(minimize([1.0, 1.0], _bowl, adam(lr = 0.1), steps = 3), [0.701586271699323, 0.701586274504415], 1e-13)
}
test "adamw: the decay is no part of the gradient" {
  # torch.optim.AdamW.
  assert close(minimize([1.0, 1.0], _bowl, adamw(lr = 0.1, weight_decay = 0.3), steps = 3),
               [0.623886609163934, 0.623886611918825],
               1e-13)
  assert close(minimize([1.0], _level, adamw(lr = 0.5, weight_decay = 0.5), steps = 2), [0.75^2], 1e-15)
}
