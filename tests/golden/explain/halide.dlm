# RUN: dlc explain --stage halide %s
# The loops of each kernel.
fn main(x: f[64]) -> y { y[i] = x[i] + 1 }
# HAS: # kernel 0 (pointwise)
# HAS: produce
# COUNT: for 1
