# RUN: dlc explain --stage simplified %s
# A Jacobian is made of products with unit vectors, which choose; each example's gradient needs no other example.
import "std/derivative"

fn main(w: f[16, 20], x: f[32, 20], a: f[20, 20], z: f[20]) -> h, g {
  h = hessian(sum[i, j](z[i] * a[i, j] * z[j]), z)
  l[b] = sum[i](tanh(sum[j](w[i, j] * x[b, j]))^2)
  g = per_example_gradients(l, w)
}
# HAS: f32[20, 20] %2[i1, i0] + %2[i0, i1]
# COUNT: sum[20] 1
# COUNT: f32[32, 32, 16] 0
