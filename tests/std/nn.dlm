# Layers as a training model sees them.  `tests/cli/layers_test.py` holds their values and gradients against the functions they build on, and
# what they do when the model is not training.
import "samples"
import "std/nn"

test "dense" {
  shared net = dense(3)
  x = samples([4, 2], 1)
  y = net(x)
  assert shape(y) == [4, 3]
  # An affine map that takes 0 to its bias, which begins as 0.
  assert all(net(zeros([1, 2])) == zeros([1, 3]))
  assert close(net(2 * x), 2 * y, 1e-12)
  assert shape(samples([2, 5, 2], 1) |> dense(7)) == [2, 5, 7]
}
test "mlp" {
  shared net = mlp([5, 4, 2])
  x = samples([3, 6], 1)
  assert shape(net(x)) == [3, 2]
  # Without biases it is positively homogeneous, but not linear.
  assert close(net(3 * x), 3 * net(x), 1e-12)
  assert not all(abs(net(-x) + net(x)) < 1e-6)
}
test "conv1d and conv2d keep the size by default" {
  assert shape(conv1d(samples([2, 4, 9], 1), 6)) == [2, 6, 9]
  assert shape(conv1d(samples([2, 4, 9], 1), 6, kernel = 5, dilation = 2)) == [2, 6, 9]
  assert shape(conv2d(samples([2, 4, 5, 7], 1), 6)) == [2, 6, 5, 7]
  assert shape(conv2d(samples([2, 4, 5, 7], 1), 6, kernel = 5, stride = 2)) == [2, 6, 3, 4]
  assert shape(conv2d(samples([2, 4, 5, 7], 1), 6, kernel = 3, pad = 0, groups = 2)) == [2, 6, 3, 5]
}
test "dropout keeps the mean and scales what it keeps" {
  x = ones([200, 100])
  y = dropout(x, 0.25)
  assert close(mean(y), 1, 0.03)
  assert close(mean(y == 0), 0.25, 0.02)
  assert all(y == 0 or abs(y - 4 / 3) < 1e-6)
  # The gradient passes through the same mask.
  shared drop = dropout(0.5)
  z = drop(x)
  assert all(grad(sum(z), x) == z)
}
test "dropout with nothing to drop" {
  x = samples([3, 4], 1)
  assert all(dropout(x, 0) == x)
}
test "batch_norm standardizes each channel and follows its moments" {
  x = samples([4, 2, 3], 1)
  shared bn = batch_norm(momentum = 0.25)
  y = bn(x)
  for c in 0..2 {
    v[n, s] = y[n, c, s]
    assert close(mean(v), 0, 1e-12)
    assert close(mean(v^2), 1, 1e-3)
  }
  m, v = channel_moments(x)
  assert close(y, standardize(x, m, v), 1e-12)
}
test "batch_norm's gradient is orthogonal to ones and to its result" {
  x = samples([4, 2, 3], 1)
  y = batch_norm(x, eps = 0)
  g = grad(sum(samples(shape(x), 9) * y), x)
  total[c] = sum[n, s](g[n, c, s])
  along[c] = sum[n, s](g[n, c, s] * y[n, c, s])
  assert close(total, zeros([2]), 1e-12)
  assert close(along, zeros([2]), 1e-12)
}
test "norm" {
  x = samples([3, 6], 1)
  assert close(norm(x), layer_norm(x), 1e-12)
}
test "embedding" {
  shared table = embedding(5, 3)
  rows = table([4, 0, 4])
  assert shape(rows) == [3, 3]
  assert all(rows[0] == rows[2])
  assert not any(rows[0] == rows[1])
}
test "graph_conv adds what arrives" {
  x = samples([3, 2], 1)
  y = graph_conv(x, [0, 1, 0], [2, 2, 1], [0.5, 1.0, 2.0], 4)
  assert shape(y) == [3, 4]
  assert all(y[0] == 0)
  # Node 1 hears twice what node 0 says, node 2 half of it and all of node 1.
  shared net = graph_conv(4)
  only = net(x, [0], [1], [2.0])
  both = net(x, [0, 1], [2, 2], [0.5, 1.0])
  own  = net(x, [1], [2], [1.0])
  assert close(both[2], 0.25 * only[1] + own[2], 1e-12)
}
