# Nothing here is wrong, though no size is known.
import "std/nn"

fn implicit(x: f[N, K]) = mean(argmax[k](x[n, k]) + sum[k](x[n, k] * n))
fn packs(x: f[.., G * C, ..S], n: int[L], p: int[..] = 1, s: float = 1 / sqrt(G * L)) -> y {
  y[.., c, ..i < S // p] = s * x[.., c, ..(i * p)]
}
fn turns(x: f[K], n: int = 3) -> y {
  for i in 0..n {
    if i > 0 { y = last * x } else { y = x }
    last = y
  }
}
fn scatter(x: f[E], to: i64[E, P]) -> y {
  y = zeros([E])
  y[to[e, p]] += x[e]
}
fn radix(x: f[N, r * C], r: int) -> y { y[n, c < C, i | i < r] = x[n, c * r + i] }
fn chosen(x: f[K], deep: bool = false) {
  if deep { return x }
  return 2 * x
}
layer owned(x: f[N, K], units: int) -> y {
  param w: f[units, K] ~ normal(0, 1 / sqrt(K))
  param v: f[units] ~ ones
  param q: f[units, K] ~ orthogonal
  state s: f[units] = 0
  shared inner = dense(units)
  s <- s + 1
  y = inner(x) |> dense(units = 2) |> flatten
}
optimizer moved(lr: float = 0.1) {
  state m = 0
  h = gradient(w + m)
  m <- h + g * t
  w <- w - lr * m
}
model Net(k: int = 3) {
  input x: f[Batch, k]
  y = x * Batch
  output z = if training then y else owned(y, k)
}
# EXPECT
