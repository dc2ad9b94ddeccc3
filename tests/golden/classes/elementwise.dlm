# RUN: dlc explain --stage kernels %s
# No reduction.
fn main(x: f[40], y: f[40]) -> z { z[i] = tanh(x[i]) * y[i] }
# COUNT: pointwise 1
# COUNT: 1 kernel calls 1
