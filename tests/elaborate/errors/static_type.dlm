fn times(x: f, n: int) = n * x
fn main(x: f[4]) {
  a = times(x, 2.5)
  b = times(x, x)
  return a
}
