layer main(x: f[4]) -> y {
  y = x
  y <- 2 * x
}
