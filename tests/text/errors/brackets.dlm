fn dense(x: f[.., K, w: f[U, K]) -> y {
  y[.., u] = sum[k](x[.., k] * w[u, k]
  z = relu(y))
}

layer block(x: f[.., K]) -> y {
  if training {
    y = dropout(x
  y = dense(y, 3)
}

fn fine(x: f) = x

model M {
  output y = [1, 2, (3]

train {
  batch = 3
}
