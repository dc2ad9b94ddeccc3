# RUN: dlc explain --stage simplified %s
# Attention that looks back only: the mask bounds the sums of the gradient, turned round in those by keys and values.
fn main(q: f[5, 3], k: f[5, 3], v: f[5, 3]) -> dk, dv {
  z[i, j] = sum[d](q[i, d] * k[j, d])
  e[i, j] = if j <= i then exp(z[i, j]) else 0
  y[i, d] = sum[j | j <= i](e[i, j] * v[j, d]) / sum[j | j <= i](e[i, j])
  loss = sum[i, d](y[i, d]^2)
  dk = grad(loss, k)
  dv = grad(loss, v)
}
# COUNT: scatter 0
# COUNT: sum[5] 4
# COUNT: sum[3] 3
