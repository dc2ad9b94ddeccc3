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
test "conv layers take padding by name" {
  x = samples([1, 1, 28, 28], 1)
  assert shape(conv2d(x, 6, kernel = 5, padding = "valid")) == [1, 6, 24, 24]
  assert shape(conv2d(x, 6, kernel = 5, padding = "same")) == [1, 6, 28, 28]
  assert shape(conv2d(x, 6, kernel = 5, padding = "full")) == [1, 6, 32, 32]
  assert shape(conv2d(x, 6, kernel = [4, 2])) == [1, 6, 28, 28]
  assert shape(conv2d(x, 6, kernel = 4, stride = 4, pad = 0)) == [1, 6, 7, 7]
  assert shape(conv1d(samples([2, 4, 9], 1), 6, kernel = 2, pad = 1, after = 0)) == [2, 6, 9]
  assert shape(conv3d(samples([2, 4, 5, 6, 7], 1), 6, kernel = [1, 2, 3], groups = 2)) == [2, 6, 5, 6, 7]
  assert shape(conv3d(samples([2, 4, 5, 6, 7], 1), 6, padding = "valid", stride = [1, 2, 1])) == [2, 6, 3, 2, 5]
}
test "a transposed conv layer takes back the size of a conv layer" {
  x = samples([1, 4, 6, 8], 1)
  assert shape(x |> conv2d(3, kernel = 4, stride = 2) |> conv_transpose2d(4, kernel = 4, stride = 2)) == [1, 4, 6, 8]
  assert shape(x |> conv2d(3, kernel = 3, padding = "valid") |> conv_transpose2d(4, padding = "valid")) == [1, 4, 6, 8]
  # The upsampling of generators: kernel 4, stride 2, pad 1.
  assert shape(x |> conv_transpose2d(3, kernel = 4, stride = 2, pad = 1)) == [1, 3, 12, 16]
  # 8 and 7 both become 3 under a kernel of 3 and a stride of 2: `extra` chooses.
  assert shape(conv_transpose1d(samples([1, 2, 3], 1), 2, stride = 2, padding = "valid")) == [1, 2, 7]
  assert shape(conv_transpose1d(samples([1, 2, 3], 1), 2, stride = 2, padding = "valid", extra = 1)) == [1, 2, 8]
  assert shape(conv_transpose3d(samples([1, 4, 2, 3, 4], 1), 6, stride = [1, 2, 3], groups = 2)) == [1, 6, 2, 6, 12]
}
test "depthwise and separable layers" {
  x = samples([2, 3, 6, 5], 1)
  shared net = depthwise_conv2d(multiplier = 2)
  y = net(x)
  assert shape(y) == [2, 6, 6, 5]
  # Channels 2 and 3 see channel 1 alone.
  only[n, c, i, j] = if c == 1 then x[n, c, i, j] else 0
  assert close(net(only)[:, 2:4], y[:, 2:4], 1e-12)
  assert all(net(only)[:, 0:2] == 0)
  assert shape(depthwise_conv1d(samples([2, 3, 7], 1), kernel = 4, stride = 2)) == [2, 3, 4]
  assert shape(separable_conv2d(x, 5, kernel = [3, 1], padding = "valid")) == [2, 5, 4, 5]
  assert shape(separable_conv1d(samples([2, 3, 7], 1), 5, multiplier = 2)) == [2, 5, 7]
}
test "tiled and locally connected layers" {
  assert shape(tiled_conv1d(samples([2, 3, 7], 1), 4, tiles = 2)) == [2, 4, 7]
  assert shape(tiled_conv2d(samples([2, 3, 7, 6], 1), 4, tiles = [2, 3], kernel = [3, 2])) == [2, 4, 7, 6]
  assert shape(locally_connected1d(samples([2, 3, 7], 1), 4, stride = 2, padding = "valid")) == [2, 4, 3]
  x = samples([1, 2, 6, 5], 1)
  shared net = locally_connected2d(3, kernel = [3, 2], padding = "valid")
  y = net(x)
  assert shape(y) == [1, 3, 4, 4]
  # Each position has weights of its own: a constant image gives no constant map.
  z = net(ones([1, 2, 6, 5]))
  assert not any(z[0, 0, 0] == z[0, 0, 1])
}
test "stochastic_pool draws in training" {
  x = abs(samples([2, 3, 4, 4], 1))
  y = stochastic_pool(x, 2)
  assert shape(y) == [2, 3, 2, 2]
  for i in 0..2 {
    for j in 0..2 {
      drawn[n, c] = any[a < 2, b < 2](y[n, c, i, j] == x[n, c, 2 * i + a, 2 * j + b])
      assert all(drawn)
    }
  }
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
test "layer_norm" {
  x = samples([3, 6], 1)
  assert close(layer_norm(x), normalize_layer(x), 1e-12)
}
test "rms_norm, group_norm and instance_norm begin as the plain functions" {
  x = samples([2, 6, 3], 1)
  assert close(rms_norm(x), normalize_rms(x), 1e-12)
  y = group_norm(x, groups = 2)
  for n in 0..2 {
    for g in 0..2 {
      assert close(mean(y[n, 3 * g:3 * g + 3]), 0, 1e-12)
      assert close(mean(y[n, 3 * g:3 * g + 3]^2), 1, 1e-3)
    }
  }
  assert close(instance_norm(x), group_norm(x, groups = 6), 1e-12)
}
test "weight_norm gives rows of length one whatever the weights" {
  w = samples([3, 2, 2], 1)
  v = weight_norm(w)
  length[u] = sum[i, j](v[u, i, j]^2)
  assert close(length, ones([3]), 1e-12)
  assert close(weight_norm(7 * w), v, 1e-12)
}
test "spectral_norm comes to a largest singular value of one" {
  w = samples([3, 2, 2], 2)
  shared divide = spectral_norm()
  for step in 0..60 {
    v = divide(w)
  }
  u = [1.0, 0.0, 0.0]
  for step in 0..60 {
    u, value = power_iteration(v, u)
  }
  assert close(value, 1, 1e-12)
}
test "embedding" {
  shared table = embedding(5, 3)
  rows = table([4, 0, 4])
  assert shape(rows) == [3, 3]
  assert all(rows[0] == rows[2])
  assert not any(rows[0] == rows[1])
}
test "prelu begins as a leaky relu with slope 1/4" {
  x = samples([3, 2, 4], 1)
  assert close(prelu(x), leaky_relu(x, 0.25), 1e-12)
}
test "rrelu draws a slope for each element" {
  x = -ones([100, 100])
  y = rrelu(x, 0.25, 0.5)
  assert all(-0.5 <= y and y <= -0.25)
  # Four standard errors of the mean of a uniform distribution.
  assert abs(mean(y) + 0.375) < 0.003
  assert all(rrelu(-x) == 1)
}
test "maxout_dense is convex" {
  shared net = maxout_dense(3, pieces = 4)
  a = samples([5, 2], 1)
  b = samples([5, 2], 2)
  assert shape(net(a)) == [5, 3]
  assert all(net(0.5 * (a + b)) <= 0.5 * (net(a) + net(b)) + 1e-6)
}
test "radial is at most 1" {
  y = radial(samples([5, 2], 1), 3, width = 2)
  assert shape(y) == [5, 3]
  assert all(0 < y and y <= 1)
}
test "spatial_dropout drops channels, drop_path examples" {
  x = ones([40, 50, 3])
  y = spatial_dropout(x, 0.25)
  assert all[n, c, s < 2](y[n, c, s] == y[n, c, s + 1])
  assert all(y == 0 or abs(y - 4 / 3) < 1e-6)
  # Four standard errors of 2000 channels.
  assert abs(mean(y == 0) - 0.25) < 0.039
  z = drop_path(ones([2000, 3]), 0.25)
  assert all[n, s < 2](z[n, s] == z[n, s + 1])
  assert abs(mean(z == 0) - 0.25) < 0.039
}
test "alpha_dropout keeps mean 0 and variance 1" {
  x = normal(0, 1, [200, 200])
  y = alpha_dropout(x, 0.3)
  # Four standard errors; the fourth moment of y is below 4.
  assert abs(mean(y)) < 0.02
  assert abs(mean(y^2) - 1) < 0.035
  assert all(alpha_dropout(x, 0) == x)
}
test "gaussian_noise" {
  x = samples([100, 100], 1)
  d = gaussian_noise(x, 0.5) - x
  # Four standard errors.
  assert abs(mean(d)) < 0.02
  assert abs(mean(d^2) - 0.25) < 0.015
  shared noise = gaussian_noise(0.5)
  assert all(grad(sum(noise(x)), x) == 1)
}
test "label_noise" {
  label[n < 20000] = n % 4
  y = label_noise(label, 4, 0.2)
  assert all(0 <= y and y < 4)
  # A drawn class is the old one once in four times.  Four standard errors.
  assert abs(mean(y != label) - 0.15) < 0.0101
  assert all(label_noise(label, 4, 0) == label)
}
test "lifting and group layers commute with quarter turns and reflections" {
  x = samples([2, 2, 7, 7], 1)
  for group in ["p4", "p4m"] {
    shared lift = lifting_conv2d(3, group = group)
    shared next = group_conv2d(2, kernel = 5)
    h = lift(x)
    assert shape(h) == [2, 3, group_order(group), 7, 7]
    y = group_max_pool(next(max(h, 0)))
    assert close(group_max_pool(next(max(lift(rotate(x)), 0))), rotate(y), 1e-12)
    if group == "p4m" {
      assert close(group_max_pool(next(max(lift(mirror(x)), 0))), mirror(y), 1e-12)
    }
  }
}
test "learned_positions adds the same to every example" {
  x = samples([2, 3, 4], 1)
  shared place = learned_positions(5)
  y = place(x)
  z = place(zeros([1, 2, 4]))
  assert close(y[1] - x[1], y[0] - x[0], 1e-14)
  assert close(z[0, 1], y[0, 1] - x[0, 1], 1e-14)
}
test "a causal transformer sees no position to come" {
  x = samples([2, 4, 6], 1)
  y = x |> transformer_encoder(2, heads = 3, pre_norm = true, causal = true, rotate = true)
  g = grad(sum(samples([6], 9) * y[1, 1]), x)
  for t in 2..4 { assert all(g[1, t] == 0) }
  assert not any(g[1, 0] == 0) and not any(g[1, 1] == 0)
  assert all(g[0] == 0)
}
test "a transformer from source to target" {
  source = samples([2, 4, 6], 1)
  target = samples([2, 3, 6], 2)
  shared net = transformer(2, heads = 3)
  y = net(source, target, lengths = [2, 4])
  assert shape(y) == [2, 3, 6]
  g = grad(sum(samples([2, 6], 9) * y[0:2, 0]), [source, target])
  for t in 2..4 { assert all(g[0][0, t] == 0) }
  assert not any(g[0][1, 3] == 0)
  for t in 1..3 { assert all(g[1][0, t] == 0) }
}
