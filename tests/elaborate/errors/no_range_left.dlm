fn main(x: f[8]) -> y {
  y[k] = sum[j | j <= k](x[j])
}
# EXPECT
# error[E0205]: nothing gives the range of index `k`
#  --> t.dlm:2:5
#   |
# 2 |   y[k] = sum[j | j <= k](x[j])
#   |     ^
#   = help: give it a bound, as in `k < N`, or read a tensor at `k` alone
