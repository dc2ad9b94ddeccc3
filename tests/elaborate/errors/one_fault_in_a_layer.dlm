import "std/nn"
model main() {
  input x: f[2, 4]
  output a = x |> dropout(1.5)
  output b = x |> dense(-3)
}
# EXPECT
# error[E0304]: `p`, the share that is dropped, is at least 0 and below 1
#   --> t.dlm:4:14
#    |
#  4 |   output a = x |> dropout(1.5)
#    |              ^^^^^^^^^^^^^^^^^ in this call of `dropout`
#   ::: dsl/std/nn/noise.dlm:10:3
#    |
# 10 |   assert p >= 0 and p < 1, "`p`, the share that is dropped, is at least 0 and below 1"
#    |   ------------------------------------------------------------------------------------
#
# error[E0217]: a size is negative: -3
#   --> t.dlm:5:14
#    |
#  5 |   output b = x |> dense(-3)
#    |              ^^^^^^^^^^^^^^ in this call of `dense`
#   ::: dsl/std/nn/dense.dlm:10:19
#    |
# 10 |   param weight: f[units, K] ~ glorot_uniform(fan_in = K, fan_out = units)
#    |                   -----
