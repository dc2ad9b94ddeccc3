fn main(a: f[3, 4], b: f[3]) = a + b
# EXPECT
# error[E0213]: f[3, 4] and f[3] do not broadcast: 4 against 3
#  --> t.dlm:1:36
#   |
# 1 | fn main(a: f[3, 4], b: f[3]) = a + b
#   |                                    ^ this is f[3]
#   |                                - this is f[3, 4]
