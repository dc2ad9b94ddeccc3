# Rearranging elements.  Expected values: PyTorch 2.15 in float64.
import "samples"
import "std/shape"
test "flatten" {
  x = samples([2, 2, 3], 1)
  y = flatten(x)
  assert shape(y) == [2, 6]
  assert close(reshape(y, [-1]),
               [-0.640625, 0.703125, 0.421875, 0.515625, 0.984375, -0.171875, -0.953125, 0.640625, 0.609375, 0.953125,
                -0.328125, 0.765625], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(reshape(grad(total, x), [-1]),
               [0.109375, -0.546875, -0.828125, -0.734375, -0.265625, 0.578125, -0.203125, -0.609375, -0.640625,
                -0.296875, 0.421875, -0.484375], 1e-12)
}
test "transpose" {
  x = samples([2, 2, 3], 1)
  y = transpose(x)
  assert shape(y) == [2, 3, 2]
  assert close(reshape(y, [-1]),
               [-0.640625, 0.515625, 0.703125, 0.984375, 0.421875, -0.171875, -0.953125, 0.953125, 0.640625, -0.328125,
                0.609375, 0.765625], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(reshape(grad(total, x), [-1]),
               [0.109375, -0.828125, -0.265625, -0.546875, -0.734375, 0.578125, -0.203125, -0.640625, 0.421875,
                -0.609375, -0.296875, -0.484375], 1e-12)
}
test "concat" {
  a = samples([2, 3], 1)
  b = samples([2, 1], 2)
  y = concat(a, b)
  assert shape(y) == [2, 4]
  assert close(reshape(y, [-1]), [-0.640625, 0.703125, 0.421875, -0.296875, 0.515625, 0.984375, -0.171875, -0.953125],
               1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(reshape(grad(total, a), [-1]), [0.109375, -0.546875, -0.828125, -0.265625, 0.578125, -0.203125], 1e-12)
  assert close(reshape(grad(total, b), [-1]), [-0.734375, -0.609375], 1e-12)
}
test "stack_rows" {
  a = samples([2, 3], 1)
  b = samples([1, 3], 2)
  y = stack_rows(a, b)
  assert shape(y) == [3, 3]
  assert close(reshape(y, [-1]),
               [-0.640625, 0.703125, 0.421875, 0.515625, 0.984375, -0.171875, -0.296875, -0.953125, 0.765625], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(reshape(grad(total, a), [-1]), [0.109375, -0.546875, -0.828125, -0.734375, -0.265625, 0.578125], 1e-12)
  assert close(reshape(grad(total, b), [-1]), [-0.203125, -0.609375, -0.640625], 1e-12)
}
test "pad" {
  x = samples([1, 2, 2, 3], 1)
  y = pad(x, [1, 0], [0, 2], 0.5)
  assert shape(y) == [1, 2, 3, 5]
  assert close(reshape(y, [-1]),
               [0.5, 0.5, 0.5, 0.5, 0.5, -0.640625, 0.703125, 0.421875, 0.5, 0.5, 0.515625, 0.984375, -0.171875, 0.5,
                0.5, 0.5, 0.5, 0.5, 0.5, 0.5, -0.953125, 0.640625, 0.609375, 0.5, 0.5, 0.953125, -0.328125, 0.765625,
                0.5, 0.5], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(reshape(grad(total, x), [-1]),
               [0.578125, -0.203125, -0.609375, 0.421875, -0.484375, 0.984375, 0.234375, -0.921875, 0.296875, 0.203125,
                0.921875, 0.015625], 1e-12)
}
test "pad on both sides alike" {
  x = samples([2, 1, 3], 1)
  y = pad(x, 2)
  assert shape(y) == [2, 1, 7]
  assert close(reshape(y, [-1]),
               [0.0, 0.0, -0.640625, 0.703125, 0.421875, 0.0, 0.0, 0.0, 0.0, 0.515625, 0.984375, -0.171875, 0.0, 0.0],
               1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(reshape(grad(total, x), [-1]), [-0.828125, -0.734375, -0.265625, -0.296875, 0.421875, -0.484375], 1e-12)
}
test "empty parts" {
  x = samples([2, 3], 4)
  assert all(concat(x, zeros([2, 0])) == x)
  assert all(stack_rows(zeros([0, 3]), x) == x)
  assert all(pad(zeros([1, 1, 0]), 1, value = 7) == [[[7, 7]]])
  assert shape(flatten(zeros([0, 2, 3]))) == [0, 6]
}
test "padding with -inf" {
  assert close(pad([[[1.0]]], 1, value = -inf), [[[-inf, 1, -inf]]])
}
