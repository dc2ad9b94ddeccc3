# RUN: dlc explain --stage simplified %s
# Where the gradient of a maximum flows, the operand is the maximum: the exponentials, as many as x, are not read again.
fn main(x: f[8]) -> y, dx {
  e[i] = exp(x[i])
  y[i < 4] = max[k < 2](e[2 * i + k])
  dx = grad(sum(y), x)
}
# COUNT: %1 3
