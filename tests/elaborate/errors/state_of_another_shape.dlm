layer main(x: f[4]) -> y {
  state s: f[2] = 0
  s <- x
  y = x
}
