# RUN: dlc explain --stage asm %s
# The machine code of each kernel.
fn main(x: f[64]) -> y { y[i] = x[i] + 1 }
# HAS: # kernel 0 (pointwise)
# HAS: .globl
# HAS: kernel:
# HAS: ret
