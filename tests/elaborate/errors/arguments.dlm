fn scale(x: f, by: float, offset: float = 0) = x * by + offset
fn main(x: f[4]) {
  a = scale(x)
  b = scale(x, 2, ofset = 1)
  c = scale(x, 1, 2, 3)
  d = scale(x, 1, by = 2)
  return a
}
