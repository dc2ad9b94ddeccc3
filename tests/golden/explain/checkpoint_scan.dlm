# RUN: for t in 64 256 1024 4096; do dlc explain --call slope --shape xs=$t,8,64 --shape w=64,64 --shape u=64,64 --stage plan %s | head -1; done && dlc explain --call kept --shape xs=4096,8,64 --shape w=64,64 --shape u=64,64 --stage plan %s | head -1
# What the gradient of a checkpointed recurrence needs beside its input grows as the root of its length: a state of 2 kB for each
# segment and what the steps of one segment compute.  Kept, every step's values are there at once.

fn gated(xs: f[T, B, N], w: f[N, N], u: f[N, N]) -> hs {
  hs = scan x in xs with h = zeros([B, N]) {
    z[b, k] = sigmoid(sum[j](w[k, j] * h[b, j]) + sum[j](u[k, j] * x[b, j]))
    h = z * tanh(h + x) + (1 - z) * h
    yield h
  }
}
fn slope(xs: f[T, B, N], w: f[N, N], u: f[N, N]) = grad(sum(checkpoint(gated(xs, w, u))[T - 1]^2), w)
fn kept(xs: f[T, B, N], w: f[N, N], u: f[N, N]) = grad(sum(gated(xs, w, u)[T - 1]^2), w)
# HAS: workspace 206912 bytes
# HAS: workspace 338048 bytes
# HAS: workspace 600320 bytes
# HAS: workspace 1124864 bytes
# HAS: workspace 41963520 bytes
