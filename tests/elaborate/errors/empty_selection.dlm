fn main(x: f[3]) -> y { y = argmin[j | j > 5](x[j]) }
# EXPECT
# error[E0208]: `argmin` over no element
#  --> t.dlm:1:29
#   |
# 1 | fn main(x: f[3]) -> y { y = argmin[j | j > 5](x[j]) }
#   |                             ^^^^^^^^^^^^^^^^^^^^^^^ the condition never holds
