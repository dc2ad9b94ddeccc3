layer main(x: f[4]) -> y {
  param w: f[4] ~ zeros
  param w: f[4] ~ ones
  y = w * x
}
# EXPECT
# error[E0112]: `w` is declared twice
#  --> t.dlm:3:9
#   |
# 2 |   param w: f[4] ~ zeros
#   |   --------------------- first here
# 3 |   param w: f[4] ~ ones
#   |         ^
