# What was wanted is said in words, and reading goes on at the next statement or declaration.
fn double(x: f) = 2 *
fn scale(x: f, by f) = x * by

layer affine(x: f[.., K], units: int) -> y {
  param weight f[units, K] ~ ones
  y[.., u] = sum[k](x[.., k] weight[u, k])
  z =
  y = x + z
  m <- 0.5 * m
}

model Net {
  input x: f[Batch 3]
  scan = 3
  shared net = affine(x,, 3)
  if training = true { y = x }
  output y = x ** 2
  loss error = if x > 0 then x
  metric right = mean(x
                      == y
                      1)
}

study s {
  vary drop [0.0, 0.5]
  seeds = 3
}
train { batch 128 }
dropout(x: f) = x
fn last(x: f) -> y
