fn product(x: f[N], y: f[N]) = x * y
with adjoint { x = d_result * y }
fn total(x: f[N]) = sum(x)
with adjoint { x = d_result }
fn both(x: f[N]) {
  return x, 2 * x
} with adjoint { x = zeros(shape(x)) }
fn lost(x: f[N]) = x
with adjoint { return d_result }
fn taken(x: f[N], at: i64) = x[at]
with adjoint { x = zeros(shape(x))  at = 0 }
fn main(x: f[2], at: i64) -> a {
  a = product(x, x)
  c = total(x)
  d, e = both(x)
  f = lost(x)
  g = taken(x, at)
}
# EXPECT
