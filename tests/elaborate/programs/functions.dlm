# Functions: arguments, sizes, lifting, statics.

fn scaled(x: f[.., K], scale: float = 1 / sqrt(K), offset: f[K] = 0) -> y {
  y[.., k] = x[.., k] * scale + offset[k]
}
fn halves(x: f[2 * H]) -> a, b {
  a[h < H] = x[h]
  b[h < H] = x[H + h]
}
fn grouped(x: f[G * C], w: f[G * M, C]) -> y {
  y[g * M + m | g < G, m < M] = sum[c](x[g * C + c] * w[g * M + m, c])
}
fn cube(x: f) {
  t = x * x
  return t * x
}
fn poly(x: f, c: f[N]) = sum[n](c[n] * x^n)
fn power_sum(x: f) = sum[n < 3](x * (n + 1))
fn pick(which: string, x: f) {
  if which == "double" { return 2 * x } else if which == "half" { return x / 2 }
  return x
}
fn two(x: f) {
  return x, -x
}
fn typed(x: f[N, M]) -> y: f[M, N] { y[j, i] = x[i, j] }
fn sizes(x: f[N, ..S]) -> y {
  y[n] = sum[..s](x[n, ..s]) + prod(S)
}
fn factorial(n: int) = if n <= 1 then 1 else n * factorial(n - 1)
fn repeated(x: f[K], steps: int) -> y {
  y = x
  for i in 0..steps { y = y * 2 + i }
}
fn per_axis(x: f[..S], shift: int[..] = 1) -> y {
  y[..i < S - shift] = x[..(i + shift)]
}
fn masked(x: f[K], on: bool = true) = if on then x else 0 * x

test "defaults follow the sizes" {
  x = [[3.0, 6.0, 9.0, 12.0]]
  assert close(scaled(x), [[1.5, 3, 4.5, 6]])
  assert close(scaled(x, 1, [1.0, 2.0, 3.0, 4.0]), [[4, 8, 12, 16]])
  assert close(scaled(x, offset = 1, scale = 0), [[1, 1, 1, 1]])
}
test "sizes are solved jointly" {
  a, b = halves([1.0, 2.0, 3.0, 4.0])
  assert close(a, [1, 2]) and close(b, [3, 4])
  assert close(grouped([1.0, 2.0, 3.0, 4.0], [[1.0, 1.0], [10.0, 10.0]]), [3, 70])
  assert close(sizes([[1.0, 2.0], [3.0, 4.0]]), [5, 9])
}
test "functions of a number are lifted with broadcasting" {
  assert close(cube([1.0, 2.0, 3.0]), [1, 8, 27])
  assert close(clamp([[1.0], [5.0]], 2, 4), [[2], [4]])
  y[i < 3] = cube(i + 1.0)
  assert close(y, [1, 8, 27])
  assert close(poly([1.0, 2.0], [1.0, 1.0, 3.0]), [5, 15])
  assert close(power_sum([1.0, 2.0]), [6, 12])
  assert cube(2) == 8
  assert close(pick("half", [2.0]), [1]) and close(pick("double", [2.0]), [4]) and close(pick("", [2.0]), [2])
  p, n = two([1.0, 2.0])
  assert close(p, [1, 2]) and close(n, [-1, -2])
  a = [[1.0], [2.0]]
  b = [10.0, 20.0]
  assert close(a + b, [[11, 21], [12, 22]])
  assert close(max(a, b - 9), [[1, 11], [2, 11]])
}
test "statics" {
  assert factorial(5) == 120
  assert 7 // 2 == 3 and -7 // 2 == -4 and -7 % 3 == 2 and 7 / 2 == 3.5
  assert close(repeated([1.0], 3), [8 + 4])
  n = 0
  for k in [3, 4, 5] { n = n + k }
  assert n == 12
  total = 0
  for i in 1..4 { if i % 2 == 1 { total = total + i } else { total = total - i } }
  assert total == 2
  assert [1, 2, 3][1:] == [2, 3]
  assert 1 < 2 <= 2 and not 1 < 2 > 3
  s = if training then "train" else "eval"
  assert s == "train"
}
test "packs of sizes, numbers repeated for each axis" {
  x = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
  assert close(per_axis(x), [[5, 6]])
  assert close(per_axis(x, [0, 2]), [[3], [6]])
  assert close(per_axis([1.0, 2.0, 3.0]), [2, 3])
}
test "results, pipes, views" {
  assert close(typed([[1.0, 2.0]]), [[1], [2]])
  assert close([1.0, 4.0] |> sqrt |> scaled(1), [1, 2])
  assert close(masked([1.0], on = false), [0])
  x = [[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]
  assert close(x[1], [5, 6, 7, 8])
  assert close(x[:, 1:3], [[2, 3], [6, 7]])
  assert close(x[0, 0:4:2], [1, 3])
  assert close(x[.., 3], [4, 8])
  assert close(x[1:, 2], [7])
  assert close(reshape(x, [4, 2])[3], [7, 8])
  assert close(reshape(x, [2, 2, -1])[1, 0], [5, 6])
  assert shape(x) == [2, 4]
  assert shape(zeros([2, 0, 3])) == [2, 0, 3]
  rows, columns = shape(x)
  assert rows * columns == 8
  assert close([x[0], x[1] * 0], [[1, 2, 3, 4], [0, 0, 0, 0]])
}
test "conversions" {
  assert int(3.7) == 3 and float(2) == 2.0
  assert all(i64([1.7, -1.7]) == [1, -1])
  assert close(f64([1, 2]), [1, 2])
  assert all(bool([0.0, 2.0]) == [false, true])
}
test "rebinding" {
  x = [1.0, 2.0]
  x = x + 1
  x[i] = x[i] * 10
  assert close(x, [20, 30])
  if true { x = x / 10 }
  assert close(x, [2, 3])
}

# A divisor that is 0 beyond a border, which is known when the code is made.
fn reciprocal(x: f[H, W]) -> y {
  r[i < 9, j < 6] = x[i // 3 * 2 + i % 3 - 1, j // 3 * 2 + j % 3 - 1 else 0]
  y = if r > 0 then -(log1p(-r / 2) / r) else inf
}

test "division beyond a border" {
  x[i < 5, j < 4] = 0.5
  y = reciprocal(x)
  assert y[0, 0] == inf
  assert close(y[1, 1], -2 * log1p(-0.25), 1e-6)
}

fn chosen(x: f[.., K], mask: bool[.., K]) -> y {
  y[.., k] = if mask[.., k] then x[.., k] else 0
}

test "a list of booleans is a mask" {
  x = [[1.0, 2.0], [3.0, 4.0]]
  assert all(chosen(x, [[true, false], [false, true]]) == [[1.0, 0.0], [0.0, 4.0]])
  assert all(chosen(x, [true, true]) == x)
  assert all(chosen(x, [[x[0, 0] > 0, false], [true, x[1, 1] > 9]]) == [[1.0, 0.0], [3.0, 0.0]])
  assert sum([true, false, true]) == 2
}
test "an infinity is close to itself alone" {
  x = [1.0, inf]
  assert close(x, [1, inf]) and close([-inf], [-inf]) and close(inf, inf)
  assert not close(x, [inf, inf]) and not close([-inf], [inf]) and not close(x, [1, 2]) and not close(1, inf)
}
