layer main(x: f[4]) -> y {
  param w: f[4] ~ glorot_unifrom(fan_in = 4, fan_out = 1)
  y = w * x
}
