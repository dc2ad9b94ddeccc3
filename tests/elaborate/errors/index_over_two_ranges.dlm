fn main(h: f[8, 784], weight: f[64, 128]) -> y {
  y[b, u] = sum[k](h[b, k] * weight[u, k])
}
# EXPECT
# error[E0203]: index `k` runs over 784 and over 128
#  --> t.dlm:2:30
#   |
# 2 |   y[b, u] = sum[k](h[b, k] * weight[u, k])
#   |                              ^^^^^^^^^^^^ `weight` is f[64, 128]
#   |                    ------- `h` is f[8, 784]
