fn main(x: f[4]) -> y {
  a = missing(x)
  b[i] = a[i] + x[i]
  c = b * 2
  y = softmax(c) + other
}
