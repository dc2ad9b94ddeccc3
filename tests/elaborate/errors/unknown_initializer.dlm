layer main(x: f[4]) -> y {
  param w: f[4] ~ glorot_unifrom(fan_in = 4, fan_out = 1)
  y = w * x
}
# EXPECT
# error[E0202]: unknown initializer `glorot_unifrom`
#  --> t.dlm:2:19
#   |
# 2 |   param w: f[4] ~ glorot_unifrom(fan_in = 4, fan_out = 1)
#   |                   ^^^^^^^^^^^^^^
#   = help: did you mean `glorot_uniform`?
