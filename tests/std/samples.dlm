# What the tests of the standard library share: data that f32 and f64 hold exactly, and central differences.  `difference` follows one
# coordinate of `t`, by which a test moves one argument of the function under test along a fixed direction.

## Numbers in (-1, 1), all different within runs of 64 and none of them 0; `k` chooses the run.
fn samples(s: int[..], k: int) -> y {
  flat[i < prod(s)] = ((6 * i * i + 37 * i + 11 * k) % 64 - 31.5) / 32
  y = reshape(flat, s)
}
## The unit vector of coordinate `k` among `n`.
fn axis(k: int, n: int) -> y {
  y[i < n] = if i == k then 1.0 else 0.0
}
## The slope from values at 2h, h, -h, -2h; its error is of the order h^4.
fn difference(far: f, near: f, minus_near: f, minus_far: f, h: float) =
    (8 * (near - minus_near) - (far - minus_far)) / (12 * h)
## |a - b| <= bound |b| everywhere: relative where `close` is absolute below 1.
fn agree(a: f[..], b: f[..], bound: float = 1e-9) = all(abs(a - b) <= bound * abs(b))

test "samples differ" {
  x = samples([8, 8], 3)
  y = reshape(x, [64])
  assert all[i < 64, j < 64 | i < j](y[i] != y[j])
  assert not any(y == 0)
  assert max(abs(y)) < 1
}
test "the difference of a polynomial of degree four is exact" {
  assert close(difference(2.0^4, 1.0, 1.0, 2.0^4, 1), 0, 1e-15)
  assert close(difference(3.0^4, 2.0^4, 0.0, (-1.0)^4, 1), 4, 1e-15)
}
