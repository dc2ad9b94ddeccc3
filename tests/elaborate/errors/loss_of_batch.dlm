model main {
  input x: f[2, 4]
  loss l = x^2
}
