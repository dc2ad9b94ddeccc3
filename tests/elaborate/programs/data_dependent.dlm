# Reads and accumulations at positions that are data.

test "gathers" {
  table = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
  idx = [2, 0]
  y[e, u] = table[idx[e], u]
  assert close(y, [[5, 6], [1, 2]])
  z[e] = table[idx[e] + 1, 0 else 0]
  assert close(z, [0, 3])
  computed[e] = table[(idx[e] + 1) % 3, 1]
  assert close(computed, [2, 4])
  w[e] = table[i64(idx[e] * 0.6), 0]
  assert close(w, [3, 1])
}
test "scatters" {
  to = [0, 2, 0]
  v = [1.0, 2.0, 4.0]
  y = zeros([3])
  y[to[e]] += v[e]
  assert close(y, [5, 0, 2])
  y[to[e]] += v[e]
  assert close(y, [10, 0, 4])
  m = ones([3])
  m[to[e]] max= v[e]
  assert close(m, [4, 1, 2])
  n = ones([3]) * 3
  n[to[e]] min= v[e]
  assert close(n, [1, 3, 2])
}
test "accumulation at affine positions" {
  x = [1.0, 2.0, 3.0]
  y = ones([3])
  y[i] += x[i]
  assert close(y, [2, 3, 4])
  z = zeros([5])
  z[i + 2] += x[i]
  z[i] += x[i]
  assert close(z, [1, 2, 4, 2, 3])
  d = zeros([3, 3])
  d[i, i] += x[i]
  assert close(d, [[1, 0, 0], [0, 2, 0], [0, 0, 3]])
  h = zeros([2])
  h[i // 2] += x[i]
  assert close(h, [3, 3])
  row = zeros([2, 3])
  k = 1
  row[k, i] += x[i]
  assert close(row, [[0, 0, 0], [1, 2, 3]])
}
test "gradients through gathers and scatters" {
  table = [1.0, 2.0, 3.0]
  idx = [2, 0, 2]
  y[e] = table[idx[e]]^2
  assert close(grad(sum(y), table), [2, 0, 12])
  v = [1.0, 2.0, 4.0]
  s = zeros([3])
  s[idx[e]] += v[e]
  assert close(grad(sum(s^2), v), [10, 4, 10])
}

test "a position that is the entry of a list" {
  x = [1.0, 2.0]
  at = [2]
  y[i, n] = x[at[n] - 1 - i else 0] * x[i]
  assert close(y, [[2.0], [2.0]], 0)
}
test "positions among those that are chosen" {
  x = [[1.0, 7.0, 3.0], [9.0, 2.0, 8.0]]
  best[n] = argmax[k | x[n, k] < 9](x[n, k])
  assert close(best, [1, 2])
  before[n < 4] = if n == 0 then 5 else argmin[k | k < n](x[1, k])
  assert close(before, [5, 0, 1, 1])
  chosen[n] = if any[k](x[n, k] > 8) then argmax[k | x[n, k] > 8](x[n, k]) else -1
  assert close(chosen, [-1, 0])
}
test "positions that are asked for only where they are" {
  mask = [0, 0]
  v = [1.0, 2.0]
  best = if sum(mask) > 0 then argmax[i | mask[i] > 0](v[i]) else -1
  assert best == -1
  steps = scan m in [0, 1] with last = 0 {
    at = if m > 0 then argmax[i | v[i] > 3 - 2 * m](v[i]) else 7
    last = last + at
    yield at
  }
  assert close(steps, [7, 1])
}
