# RUN: dlc explain --stage graph %s
# A position among none is an error, which is looked for only where the conditions leave it open: not in y and z.
fn main(x: f[6], a: f[6, 4]) -> y, z, first, long {
  y[n < 6] = argmax[j | j <= n](x[j])
  z[n < 6] = argmin[j | n - j < 3, j - n < 3](x[j])
  first[n < 6] = argmax[j | j < n](x[j])
  long[n] = argmax[j | a[n, j] > 0](a[n, j])
}
# COUNT: over 2
