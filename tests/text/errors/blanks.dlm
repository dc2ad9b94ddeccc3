fn spaced(x: f[N]) {
  y = relu (x)
  z = x [3]
  w = x
  (1)
  return y[0] [1]
}
