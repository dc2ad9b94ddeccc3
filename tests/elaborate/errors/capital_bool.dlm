fn main(x: f[4], flag: bool = True) -> y {
  y[I] = x[I] + x[j]
}
# EXPECT
# error[E0201]: unknown name `True`
#  --> t.dlm:1:31
#   |
# 1 | fn main(x: f[4], flag: bool = True) -> y {
#   |                               ^^^^
#   = help: did you mean `true`?
