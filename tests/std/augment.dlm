# Augmentation as a training model sees it; `tests/cli/layers_test.py` holds that it passes on what it gets where the model is not training.
import "std/augment"

test "every shift is as likely as any other" {
  x[n < 4000, 0, i < 5, j < 5] = if i == 2 and j == 2 then 1.0 else 0.0
  y = random_shift(x, by = 2)
  assert all(sum[i, j](y[n, 0, i, j]) == 1)
  assert close(mean[n](y[n, 0, ..s]), ones([5, 5]) / 25, 0.015)
}
test "a shift moves all channels of an example together, and zeros come in" {
  x[n < 100, c < 3, i < 4, j < 6] = 1.0 + c + 10 * i + 100 * j
  y = random_shift(x, by = 3)
  # The differences to what stood there are multiples of a row's and a column's step, the same wherever a pixel came from inside.
  lowest[n]  = min[c, i, j | y[n, c, i, j] > 0](y[n, c, i, j] - x[n, c, i, j])
  highest[n] = max[c, i, j | y[n, c, i, j] > 0](y[n, c, i, j] - x[n, c, i, j])
  assert all(lowest == highest)
  assert min(lowest) == -330 and max(highest) == 330
  # A shift by d rows and e columns leaves (4 - |d|) (6 - |e|) pixels.
  d[n] = abs(highest[n] - 100 * round(highest[n] / 100)) / 10
  e[n] = abs(round(highest[n] / 100))
  kept[n] = sum[i, j](y[n, 0, i, j] > 0)
  assert all(kept == (4 - d) * (6 - e))
}
test "images without channels, and no shift at all" {
  x[n < 8, i < 3, j < 4] = 1.0 + n + i * j
  assert shape(random_shift(x)) == [8, 3, 4]
  assert all(random_shift(x, by = 0) == x)
}
test "a flip turns whole examples around, half of them" {
  x[n < 4000, c < 2, j < 3] = 1.0 * (c + j)
  y = random_flip(x)
  turned[n] = y[n, 0, 0] == 2
  assert close(mean(turned), 0.5, 0.03)
  wanted[n, c, j] = if turned[n] then x[n, c, 2 - j] else x[n, c, j]
  assert all(y == wanted)
  assert all(random_flip(x, p = 0) == x)
  mirrored[n, c, j < 3] = x[n, c, 2 - j]
  assert all(random_flip(x, p = 1) == mirrored)
}
