fn two(x: f[N]) -> a, b { a = x  b = -x }
fn main(x: f[4]) {
  y = two(x)
  a, b, c = two(x)
  return a
}
