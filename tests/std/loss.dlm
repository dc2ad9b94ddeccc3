# Losses and penalties.  Expected values: PyTorch 2.15 in float64.
import "samples"
import "std/loss"
test "softmax_cross_entropy of logits of rank 2" {
  z = 4 * samples([3, 4], 1)
  y = softmax_cross_entropy(z, [0, 2, 0])
  assert close(y, [5.963702877735869, 7.983548427068878, 1.9237872942165213], 1e-12)
  assert close(reshape(grad(sum(y * samples(shape(y), 9)), z), [-1]),
               [-0.10909386506609141, 0.06070824173027348, 0.019709080466720416, 0.028676542869097498,
                -0.4329714671236808, -0.0042447029040342385, 0.5466885007702543, -0.10947233074253954,
                0.7071750510527388, -0.47836632771974513, -0.0028444701606389665, -0.2259642531723545], 1e-12)
}
test "softmax_cross_entropy of logits of rank 1" {
  z = 4 * samples([4], 1)
  y = softmax_cross_entropy(z, 2)
  assert close(y, 1.7137028777358694, 1e-12)
  assert close(reshape(grad(sum(y), z), [-1]),
               [0.0025703765385928067, 0.555046781533929, -0.8198026928756991, 0.26218553480317713], 1e-12)
}
test "softmax_cross_entropy of logits of rank 3" {
  z = 4 * samples([2, 2, 3], 1)
  y = softmax_cross_entropy(z, [[0, 2], [1, 0]])
  assert close(y, [[5.659639989575054, 4.776139254503418], [0.6335036048749343, 0.39090141725429284]], 1e-12)
  assert close(reshape(grad(sum(y * samples(shape(y), 9)), z), [-1]),
               [-0.10899396256149764, 0.08228117581576377, 0.026712786745733883, -0.0721019437208955,
                -0.47016373322818106, 0.5422656769490768, -0.0007487579621391168, 0.38861498492273466,
                -0.3878662269605954, 0.23760935280101658, -0.0029538765134736883, -0.23465547628754288], 1e-12)
}
test "softmax_cross_entropy of two examples" {
  z = [[1.2, -0.8, -0.5], [0.9, -1.2, 1.1]]
  y = softmax_cross_entropy(z, [0, 1])
  assert close(y, [0.2761297055455377, 2.951798795854425], 1e-12)
  assert close(grad(mean(y), z), [[-0.12064274, 0.05134042, 0.06930232], [0.21332340, -0.47387718, 0.26055378]], 1e-8)
}
test "softmax_cross_entropy of large logits is exact" {
  z = [[0.0, 200.0]]
  y = softmax_cross_entropy(z, [0])
  assert all(y == [200])
  assert all(grad(sum(y), z) == [[-1, 1]])
  far = [[0.0, 1e30, -1e30]]
  loss = softmax_cross_entropy(far, [1])
  assert all(loss == [0])
  assert all(grad(sum(loss), far) == [[0, 0, 0]])
}
test "softmax_cross_entropy of equal logits is the logarithm of their number" {
  z = zeros([2, 10])
  y = softmax_cross_entropy(z, [3, 9])
  assert close(y, [2.302585092994046, 2.302585092994046], 1e-15)
}
test "binary_cross_entropy" {
  p = 3 * samples([2, 3], 1)
  t = samples([2, 3], 2)
  y = binary_cross_entropy(p, t)
  assert close(y,
               [[-0.4339890716820527, 4.234374048185483, 0.5451013209532498],
                [0.410553612756859, 4.988116639924917, 0.5568296082496093]], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, p),
               [[0.046432709019570854, -1.0089493998488677, -0.011898417397932182],
                [0.025639288442205865, -0.43091971264486656, 0.11678172566488712]], 1e-12)
  assert close(grad(total, t),
               [[0.210205078125, 1.153564453125, 1.048095703125], [1.135986328125, 0.784423828125, 0.298095703125]],
               1e-12)
}
test "squared_error" {
  p = 3 * samples([2, 3], 1)
  t = samples([2, 3], 2)
  y = squared_error(p, t)
  assert close(y, [[2.640625, 9.37890625, 0.25], [0.47265625, 13.140625, 0.47265625]], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, p), [[-0.35546875, -3.349609375, -0.828125], [-1.009765625, -1.92578125, -0.794921875]],
               1e-12)
  assert close(grad(total, t), [[0.35546875, 3.349609375, 0.828125], [1.009765625, 1.92578125, 0.794921875]], 1e-12)
}
test "absolute_error" {
  p = 3 * samples([2, 3], 1)
  t = samples([2, 3], 2)
  y = absolute_error(p, t)
  assert close(y, [[1.625, 3.0625, 0.5], [0.6875, 3.625, 0.6875]], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, p), [[-0.109375, -0.546875, -0.828125], [-0.734375, -0.265625, -0.578125]], 1e-12)
  assert close(grad(total, t), [[0.109375, 0.546875, 0.828125], [0.734375, 0.265625, 0.578125]], 1e-12)
}
test "huber" {
  p = 3 * samples([2, 3], 1)
  t = samples([2, 3], 2)
  y = huber(p, t)
  assert close(y, [[1.125, 2.5625, 0.125], [0.236328125, 3.125, 0.236328125]], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, p), [[-0.109375, -0.546875, -0.4140625], [-0.5048828125, -0.265625, -0.3974609375]], 1e-12)
  assert close(grad(total, t), [[0.109375, 0.546875, 0.4140625], [0.5048828125, 0.265625, 0.3974609375]], 1e-12)
}
test "huber, delta = 2" {
  p = 3 * samples([2, 3], 1)
  t = samples([2, 3], 2)
  y = huber(p, t, delta = 2)
  assert close(y, [[1.3203125, 4.125, 0.125], [0.236328125, 5.25, 0.236328125]], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, p), [[-0.177734375, -1.09375, -0.4140625], [-0.5048828125, -0.53125, -0.3974609375]], 1e-12)
  assert close(grad(total, t), [[0.177734375, 1.09375, 0.4140625], [0.5048828125, 0.53125, 0.3974609375]], 1e-12)
}
test "mse" {
  p = 3 * samples([2, 3], 1)
  t = samples([2, 3], 2)
  y = mse(p, t)
  assert close(y, 4.392578125, 1e-12)
  total = sum(y)
  assert close(grad(total, p),
               [[-0.5416666666666666, 1.0208333333333333, 0.16666666666666666],
                [0.22916666666666666, 1.2083333333333333, -0.22916666666666666]], 1e-12)
  assert close(grad(total, t),
               [[0.5416666666666666, -1.0208333333333333, -0.16666666666666666],
                [-0.22916666666666666, -1.2083333333333333, 0.22916666666666666]], 1e-12)
}
test "mae" {
  p = 3 * samples([2, 3], 1)
  t = samples([2, 3], 2)
  y = mae(p, t)
  assert close(y, 1.6979166666666667, 1e-12)
  total = sum(y)
  assert close(grad(total, p),
               [[-0.16666666666666666, 0.16666666666666666, 0.16666666666666666],
                [0.16666666666666666, 0.16666666666666666, -0.16666666666666666]], 1e-12)
  assert close(grad(total, t),
               [[0.16666666666666666, -0.16666666666666666, -0.16666666666666666],
                [-0.16666666666666666, -0.16666666666666666, 0.16666666666666666]], 1e-12)
}
test "penalties" {
  w = samples([2, 3], 1)
  assert close(l2_penalty(w), 1.173583984375, 1e-12)
  assert all(grad(l2_penalty(w), w) == w)
  assert close(l1_penalty(w), 3.4375, 1e-12)
  assert all(grad(l1_penalty(w), w) == (if w > 0 then 1.0 else -1.0))
  z = [0.0, -2.0]
  assert all(grad(l1_penalty(z), z) == [0, -1])
  assert close(l2_penalty(z, 0.25), 0.5, 1e-12)
  assert close(grad(l2_penalty(z, alpha = 0.25), z), [0.0, -0.5], 1e-12)
  assert close(l1_penalty(z, 0.25), 0.5, 1e-12)
  assert close(grad(l1_penalty(z, alpha = 0.25), z), [0.0, -0.25], 1e-12)
}
test "binary_cross_entropy of large logits" {
  z = [-500.0, 500.0, 0.0]
  y = [1.0, 1.0, 0.5]
  loss = binary_cross_entropy(z, y)
  assert close(loss, [500, 0, 0.6931471805599453], 1e-15)
  assert all(grad(sum(loss), z) == [-1, 0, 0])
}
test "huber is smooth where it turns linear, and the absolute error is flat at 0" {
  p = [1.0, -1.0, 0.0]
  t = [0.0, 0.0, 0.0]
  assert all(grad(sum(huber(p, t)), p) == [1, -1, 0])
  assert all(grad(sum(absolute_error(p, t)), p) == [1, -1, 0])
}
