fn in(x: f) = x
fn select(then: f) = then
fn walk(xs: f[T]) {
  with = 3
  for not in 0..3 { y = 1 }
  return scan
}
