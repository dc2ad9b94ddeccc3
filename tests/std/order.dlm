# Order and selection over the last axis.  Expected values: PyTorch 2.15 in float64.
import "samples"
import "std/order"

## The values of `top_k`.
fn top_values(x: f[.., K]) -> values {
  values, positions = top_k(x, 3)
}
test "sort" {
  x = 2 * samples([2, 5], 1)
  y = sort(x)
  assert close(y, [[-1.28125, 0.84375, 1.03125, 1.40625, 1.96875], [-1.90625, -0.34375, 1.21875, 1.28125, 1.90625]],
               1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, x),
               [[0.109375, -0.734375, -0.546875, -0.828125, -0.265625],
                [-0.203125, 0.578125, -0.640625, -0.609375, -0.296875]], 1e-12)
}
test "sort, descending" {
  x = 2 * samples([2, 5], 1)
  y = sort(x, descending = true)
  assert close(y, [[1.96875, 1.40625, 1.03125, 0.84375, -1.28125], [1.90625, 1.28125, 1.21875, -0.34375, -1.90625]],
               1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, x),
               [[-0.265625, -0.546875, -0.734375, -0.828125, 0.109375],
                [-0.640625, -0.296875, -0.203125, -0.609375, 0.578125]], 1e-12)
}
test "quantile" {
  x = 2 * samples([2, 5], 1)
  y = quantile(x, 0.3)
  assert close(y, [0.88125, -0.03125000000000007], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, x),
               [[0.0, 0.0, 0.08750000000000001, 0.021874999999999995, 0.0],
                [-0.4375, 0.0, 0.0, -0.10937499999999997, 0.0]], 1e-12)
}
test "median" {
  x = 2 * samples([2, 5], 1)
  y = median(x)
  assert close(y, [1.03125, 1.21875], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, x), [[0.0, 0.0, 0.0, 0.109375, 0.0], [0.0, 0.0, 0.0, -0.546875, 0.0]], 1e-12)
}
test "cumsum" {
  x = 2 * samples([2, 5], 1)
  y = cumsum(x)
  assert close(y, [[-1.28125, 0.125, 0.96875, 2.0, 3.96875], [-0.34375, -2.25, -0.96875, 0.25, 2.15625]], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, x),
               [[-2.265625, -2.375, -1.828125, -1.0, -0.265625], [-1.171875, -1.75, -1.546875, -0.9375, -0.296875]],
               1e-12)
}
test "cumprod" {
  x = 2 * samples([2, 5], 1)
  y = cumprod(x)
  assert close(y,
               [[-1.28125, -1.8017578125, -1.520233154296875, -1.5677404403686523, -3.0864889919757843],
                [-0.34375, 0.6552734375, 0.839569091796875, 1.0232248306274414, 1.9505223333835602]], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, x),
               [[-3.180722489953041, 2.997644379734993, 3.828267976641655, 1.9114259630441666, 0.4164310544729233],
                [6.045120075345039, 0.9858515709638596, -1.3628699630498886, -1.0129761844873428,
                 -0.30376987159252167]], 1e-12)
}
test "cummax" {
  x = 2 * samples([2, 5], 1)
  y = cummax(x)
  assert close(y, [[-1.28125, 1.40625, 1.40625, 1.40625, 1.96875], [-0.34375, -0.34375, 1.28125, 1.28125, 1.90625]],
               1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, x), [[0.109375, -2.109375, 0.0, 0.0, -0.265625], [0.375, 0.0, -1.25, 0.0, -0.296875]], 1e-12)
}
test "take" {
  x = 2 * samples([2, 5], 1)
  index = [[0, 3, 3], [4, 1, 0]]
  y = take(x, index)
  assert close(y, [[-1.28125, 1.03125, 1.03125], [1.90625, -1.90625, -0.34375]], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, x), [[0.109375, 0.0, 0.0, -1.375, 0.0], [0.578125, -0.265625, 0.0, 0.0, -0.734375]], 1e-12)
}
test "scatter_add" {
  x = 2 * samples([2, 5], 1)
  v = samples([2, 3], 2)
  index = [[0, 3, 3], [4, 1, 0]]
  y = scatter_add(x, index, v)
  assert close(y, [[-1.578125, 1.40625, 0.84375, 0.84375, 1.96875], [-0.171875, -2.578125, 1.28125, 1.21875, 2.765625]],
               1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, x),
               [[0.109375, -0.546875, -0.828125, -0.734375, -0.265625],
                [0.578125, -0.203125, -0.609375, -0.640625, -0.296875]], 1e-12)
  assert close(grad(total, v), [[0.109375, -0.734375, -0.734375], [-0.296875, -0.203125, 0.578125]], 1e-12)
}
test "top_k" {
  x = 2 * samples([2, 5], 1)
  y = top_values(x)
  assert close(y, [[1.96875, 1.40625, 1.03125], [1.90625, 1.28125, 1.21875]], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, x), [[0.0, -0.546875, 0.0, -0.828125, 0.109375], [0.0, 0.0, -0.265625, 0.578125, -0.734375]],
               1e-12)
}
test "ranks and positions of ties and NaN" {
  x = [[3.0, 1.0, 2.0, 1.0], [0.0, 0.0 / 0.0, -inf, 0.0], [0.0 / 0.0, inf, 0.0 / 0.0, 1.0]]
  assert all(ranks(x) == [[3, 0, 2, 1], [1, 3, 0, 2], [2, 1, 3, 0]])
  assert all(argsort(x) == [[1, 3, 2, 0], [2, 0, 3, 1], [3, 1, 0, 2]])
  assert all(ranks(x, descending = true) == [[0, 2, 1, 3], [1, 0, 3, 2], [0, 2, 1, 3]])
  assert all(argsort(x, descending = true) == [[0, 2, 1, 3], [1, 0, 3, 2], [0, 2, 1, 3]])
}
test "sorting twice changes nothing, and positions read what is sorted" {
  x = samples([3, 4, 16], 1)
  s = sort(x)
  assert all(sort(s) == s)
  assert all(take(x, argsort(x)) == s)
  assert all[a, b, k < 15](s[a, b, k] <= s[a, b, k + 1])
  assert all(sort(-x) == -sort(x, descending = true))
}
test "the gradient of sort goes where the elements came from, ties included" {
  x = [2.0, 1.0, 2.0, -1.0]
  assert all(grad(sum(sort(x) * [1.0, 2.0, 3.0, 4.0]), x) == [3, 2, 4, 1])
}
test "top_k and its positions" {
  x = [[1.0, 3.0, 3.0, 2.0], [0.0, -1.0, -2.0, -3.0]]
  values, positions = top_k(x, 3)
  assert all(values == [[3, 3, 2], [0, -1, -2]])
  assert all(positions == [[1, 2, 3], [0, 1, 2]])
  # PyTorch's gradient for these.
  assert all(grad(sum(values * [1.0, 10.0, 100.0]), x) == [[0, 1, 10, 100], [1, 10, 100, 0]])
}
test "quantiles at the ends, and of one element" {
  x = [5.0, 1.0, 3.0, 2.0]
  assert quantile(x, 0) == 1
  assert quantile(x, 1) == 5
  assert median(x) == 2.5
  assert median([7.0]) == 7
  assert median([3.0, 1.0, 2.0]) == 2
}
test "along another axis" {
  x = samples([5, 2], 1)
  y[k < 5, c] = cumsum[j](x[j, c])[k]
  s[k < 5, c] = sort[j](x[j, c])[k]
  assert close(y[4], [sum(x[:, 0]), sum(x[:, 1])], 1e-12)
  assert all(s[0] == [min(x[:, 0]), min(x[:, 1])])
}
test "cumprod and its gradient at zeros" {
  x = [2.0, 0.0, 3.0, 0.0]
  y = cumprod(x)
  assert all(y == [2, 0, 0, 0])
  assert all(grad(sum(y), x) == [1, 8, 0, 0])
}
test "one_hot" {
  assert all(one_hot([[1, 0], [2, -1]], 3) == [[[0, 1, 0], [1, 0, 0]], [[0, 0, 1], [0, 0, 0]]])
  assert all(one_hot(2, 3) == [0, 0, 1])
}
test "take and scatter_add are adjoint" {
  x = samples([2, 5], 1)
  v = samples([2, 3], 2)
  index = [[0, 3, 3], [4, 1, 0]]
  assert close(sum(take(x, index) * v), sum(x * scatter_add(zeros([2, 5]), index, v)), 1e-12)
}
