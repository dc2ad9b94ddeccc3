# RUN: dlc explain --stage simplified %s
# A pointwise value that is read once becomes part of its reader.
fn main(x: f[6]) -> y {
  a[i] = x[i] + 1
  y[i] = exp(a[i])
}
# COUNT: pointwise 1
