# Index equations: ranges, reductions, conditions, left sides, reads.

test "ranges from reads and from bounds" {
  x = [1.0, 2.0, 4.0, 8.0]
  d[i < 3] = x[i + 1] - x[i]
  assert close(d, [1, 2, 4])
  e[i < 4] = x[3 - i]
  assert close(e, [8, 4, 2, 1])
  t[i < 2, j < 3] = 10 * i + j
  assert all(t == [[0, 1, 2], [10, 11, 12]])
}
test "a read with else" {
  x = [1.0, 2.0, 3.0]
  y[i] = x[i - 1 else 100] + x[i]
  assert close(y, [101, 3, 5])
  z[i < 5] = x[i - 1 else -inf]
  assert close(z, [-inf, 1, 2, 3, -inf])
  w[i < 3] = x[i + 1 else x[0]]
  assert close(w, [2, 3, 1])
}
test "reductions" {
  x = [[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]]
  assert close(sum[i, j](x[i, j]), 5)
  assert close(prod[i, j](x[i, j]), 720)
  rows[i] = max[j](x[i, j])
  assert close(rows, [3, 5])
  columns[j] = min[i](x[i, j])
  assert close(columns, [1, -2, -6])
  means[i] = mean[j](x[i, j])
  assert close(means, [2 / 3, 1])
  assert close(sum[i, j < 2](x[i, j]), 8)
  where[i] = argmax[j](x[i, j])
  assert all(where == [2, 1])
  assert argmin[i, j](x[i, j]) == 5
  assert any[i, j](x[i, j] < -5)
  assert not all[i, j](x[i, j] < 5)
}
test "reductions of everything" {
  x = [[1.0, 2.0], [3.0, 6.0]]
  assert close(sum(x), 12)
  assert close(mean(x), 3)
  assert close(max(x), 6)
  assert argmax(x) == 3
  assert close(sum(x^2), 50)
  assert close(mean(x > 2.5), 0.5)
  assert sum([1, 2, 3]) == 6 and prod([2, 3, 4]) == 24 and max([1, 5, 2]) == 5
}
test "conditions on indices" {
  x = [1.0, 2.0, 3.0, 4.0]
  running[k < 4] = sum[j | j <= k](x[j])
  assert close(running, [1, 3, 6, 10])
  convolved[k < 4] = sum[j | j <= k](x[j] * x[k - j])
  assert close(convolved, [1, 4, 10, 20])
  before[k < 4] = max[j | j < k](x[j])
  assert close(before, [-inf, 1, 2, 3])
  average[k < 4] = mean[j | j < k or j == k](x[j])
  assert close(average, [1, 1.5, 2, 2.5])
  window[k < 4] = mean[j | abs(j - k) <= 1](x[j])
  assert close(window, [1.5, 2, 3, 3.5])
  even = sum[j | j % 2 == 0](x[j])
  assert close(even, 4)
  others[k < 4] = sum[j | j != k](x[j])
  assert close(others, [9, 8, 7, 6])
  nothing = mean[j | j > 10](x[j])
  assert nothing != nothing
}
test "conditions on data" {
  x = [1.0, 2.0, 3.0, 4.0]
  keep = [1, 0, 0, 1]
  assert close(sum[j | keep[j] == 1](x[j]), 5)
  assert close(mean[j | keep[j] == 1](x[j]), 2.5)
  assert close(max[j | x[j] < 3.5](x[j]), 3)
  assert close(min[j | x[j] > 9](x[j]), inf)
}
test "empty reductions" {
  x = zeros([0])
  assert close(sum(x), 0)
  assert close(prod(x), 1)
  assert close(max(x), -inf)
  assert close(min(x), inf)
  assert all(x > 0)
  assert not any(x > 0)
  m = mean(x)
  assert m != m
}
test "left sides of mixed radix" {
  x = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
  flat[3 * i + j] = x[i, j]
  assert close(flat, [1, 2, 3, 4, 5, 6])
  turned[2 * j + i] = x[i, j]
  assert close(turned, [1, 4, 2, 5, 3, 6])
  pairs[2 * i + p | p < 2] = 10 * i + p + x[i, 0]
  assert close(pairs, [1, 2, 14, 15])
  split[a < 2, b < 3] = flat[3 * a + b]
  assert close(split, x)
  column[i, 0] = x[i, 1]
  assert close(column, [[2], [5]])
}
test "pixel shuffle" {
  x[c < 4, i < 1, j < 2] = 100 * c + 10 * i + j
  y[2 * i + p, 2 * j + q | p < 2, q < 2] = x[2 * p + q, i, j]
  assert all(y == [[0, 100, 1, 101], [200, 300, 201, 301]])
}
test "nested reductions become equations of their own" {
  x = [[1.0, 2.0], [3.0, 5.0]]
  y[i] = sum[j](x[i, j] / sum[k](x[k, j]))
  assert close(y, [1 / 4 + 2 / 7, 3 / 4 + 5 / 7])
  z[i, j] = x[i, j] - max[k](x[i, k])
  assert close(z, [[-1, 0], [-2, 0]])
  n = sum[i](sum[j](x[i, j])^2)
  assert close(n, 73)
}
test "any expression without indices may be read" {
  x = [[1.0, 2.0], [3.0, 4.0]]
  y[i, j] = softmax(x)[i, j] + (x + 1)[j, i]
  assert close(y[0, 1], softmax([1.0, 2.0])[1] + 4)
  w[i] = x[i][1]
  assert close(w, [2, 4])
  assert close(softmax(x)[0, 0] + softmax(x)[0, 1], 1)
}
test "functions along an index" {
  x = [[[1.0, 2.0], [3.0, 4.0]], [[0.0, 1.0], [5.0, 2.0]]]
  y[a, b] = logsumexp[j](x[a, j, b])
  assert close(y[1, 0], logsumexp([0.0, 5.0]))
  s[a, k, b] = softmax[j](x[a, j, b])[k]
  assert close(s[0, 1, 1], softmax([2.0, 4.0])[1])
  assert close(logsumexp[a, j, b](x[a, j, b]), logsumexp([1.0, 2.0, 3.0, 4.0, 0.0, 1.0, 5.0, 2.0]))
  p = softmax[j](x[a, j, b])
  assert shape(p) == [2, 2, 2]
  d[a] = variance[j](x[a, j, 0]) + 1
  assert close(d, [2, 7.25])
}
test "indices that nothing binds are the axes of a whole-tensor reduction" {
  x = [[1.0, 5.0], [7.0, 3.0]]
  assert all(argmax[k](x[n, k]) == [1, 0])
  assert close(sum[k](x[k, n]) * 2, [16, 16])
  assert close(max[k](x[.., k]), [5, 7])
}
test "packs" {
  x = [[[1.0, 2.0], [3.0, 4.0]]]
  y[n, ..s] = x[n, ..s] * 2
  assert close(y, [[[2, 4], [6, 8]]])
  z[..s] = sum[n](x[n, ..s])
  assert close(z, [[1, 2], [3, 4]])
  t = sum[n, ..s](x[n, ..s])
  assert close(t, 10)
  a = [[1.0, 2.0], [3.0, 4.0]]
  b = [10.0, 20.0]
  c[.., i] = a[.., i] + b[.., i]
  assert close(c, [[11, 22], [13, 24]])
}
test "integers and bools" {
  i = [1, 2, 3]
  assert close(i / 2, [0.5, 1, 1.5])
  assert all(i // 2 == [0, 1, 1]) and all(i % 2 == [1, 0, 1])
  assert all(-i // 2 == [-1, -1, -2])
  assert sum(i > 1) == 2
  assert close((i > 1) * 0.5, [0, 0.5, 0.5])
  b = i == 2
  assert sum[k](if b[k] then 10 else 1) == 12
  y[a < 4, b < 2] = a // 2 + b % 2
  assert all(y == [[0, 1], [0, 1], [1, 2], [1, 2]])
}
test "powers" {
  x = [1.0, 2.0, 3.0]
  assert close(x^3, [1, 8, 27])
  assert close(x^-1, [1, 0.5, 1 / 3])
  assert close(x^0.5, [1, sqrt(2), sqrt(3)])
  assert close(2^x, [2, 4, 8])
  assert 2^10 == 1024
}
