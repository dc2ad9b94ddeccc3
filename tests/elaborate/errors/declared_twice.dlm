layer main(x: f[4]) -> y {
  param w: f[4] ~ zeros
  param w: f[4] ~ ones
  y = w * x
}
