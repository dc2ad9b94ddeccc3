# RUN: dlc explain --stage simplified %s
# What a result holds already is read, not computed again.
fn main(x: f[6]) -> y, z {
  y[i] = exp(x[i])
  z[i] = exp(x[i]) * x[i]
}
# COUNT: exp 1
