# What is computed along the rows of a matrix, and along the channels of images.
import "std/loss"
import "std/norm"
import "std/reduce"
import "std/scalar"

## Scores to a loss, as at the end of a classifier.
fn cross_entropy(z: f[N, K], label: i32[N]) -> loss {
  loss = mean(softmax_cross_entropy(z, label))
}

fn softmax_rows(z: f[N, K]) = softmax(z)

fn layer_norm(x: f[N, K], gain: f[K], shift: f[K]) -> y {
  y = normalize_layer(x, gain, shift)
}

## Over the batch and all positions; the channels last.
fn batch_norm(x: f[N, H, W, C], gain: f[C], shift: f[C]) -> y {
  m[c] = mean[n, i, j](x[n, i, j, c])
  v[c] = mean[n, i, j]((x[n, i, j, c] - m[c])^2)
  y[n, i, j, c] = (x[n, i, j, c] - m[c]) * rsqrt(v[c] + 1e-5) * gain[c] + shift[c]
}
