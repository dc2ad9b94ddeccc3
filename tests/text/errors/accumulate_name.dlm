fn count(x: f[N]) -> n {
  n = 0
  n += 1
}
