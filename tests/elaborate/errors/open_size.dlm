model main { input x: f[Batch, 4]  output y = x }
# EXPECT
# error[E0210]: nothing gives the size `Batch` of input `x`
#  --> t.dlm:1:25
#   |
# 1 | model main { input x: f[Batch, 4]  output y = x }
#   |                         ^^^^^
#   = help: give it: `--dim Batch=32`
