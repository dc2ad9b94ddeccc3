# RUN: dlc explain --stage simplified %s
# The algebra: a logarithm undoes an exponential, what is multiplied by one or has zero added stays itself.
fn main(x: f[6], one: f = 1) -> y {
  a[i] = log(exp(x[i]) / 2)
  y[i] = 3 * (a[i] * 2 + a[i] * 0)
}
# COUNT: exp 0
# COUNT: log 0
# COUNT: mul 0
