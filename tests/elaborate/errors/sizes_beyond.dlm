fn main(x: f[4]) -> y {
  y = x
  a = zeros([3000000000])
  b[i < 3000000000] = 1.0
  c = zeros([2000000000, 2000000000, 2000000000])
  d[i] = x[i * 4000000000000000 * 4000 else 0] + x[i]
}
# EXPECT
# error[E0217]: a dimension of 3000000000 elements is beyond 2^31 - 1
#  --> t.dlm:3:13
#   |
# 3 |   a = zeros([3000000000])
#   |             ^^^^^^^^^^^^
#
# error[E0217]: a dimension of 3000000000 elements is beyond 2^31 - 1
#  --> t.dlm:4:9
#   |
# 4 |   b[i < 3000000000] = 1.0
#   |         ^^^^^^^^^^
#
# error[E0303]: a product of sizes exceeds 64 bits
#  --> t.dlm:5:3
#   |
# 5 |   c = zeros([2000000000, 2000000000, 2000000000])
#   |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#
# error[E0303]: this index exceeds 64 bits
#  --> t.dlm:6:12
#   |
# 6 |   d[i] = x[i * 4000000000000000 * 4000 else 0] + x[i]
#   |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^
