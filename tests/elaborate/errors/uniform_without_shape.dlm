fn main(x: f[4]) = x * uniform(0, 1)
# EXPECT
# error[E0211]: `uniform` needs `shape`
#  --> t.dlm:1:24
#   |
# 1 | fn main(x: f[4]) = x * uniform(0, 1)
#   |                        ^^^^^^^^^^^^^
#   = help: give a list of sizes, or `shape(x)`
