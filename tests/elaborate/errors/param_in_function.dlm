fn main(x: f[4]) -> y {
  param w: f[4] ~ zeros
  y = w * x
}
