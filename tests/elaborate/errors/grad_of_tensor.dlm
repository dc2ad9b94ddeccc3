fn main(x: f[4]) {
  a = grad(x^2, x)
  b = grad(sum(x), x[0])
  c = grad(sum(x), 3.0)
  return a
}
