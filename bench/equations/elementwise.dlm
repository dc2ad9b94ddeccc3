# One number from one number, and the largest of a window.
import "std/scalar"

fn relus(x: f[N]) = relu(x)

fn gelus(x: f[N]) = gelu_tanh(x)

fn tanhs(x: f[N]) = tanh(x)

fn sigmoids(x: f[N]) = sigmoid(x)

fn exps(x: f[N]) = exp(x)

fn logs(x: f[N]) = log(x)

## The largest of each 2 x 2 pixels, channels last.
fn max_pool2(x: f[N, H, W, C]) -> y {
  y[n, i < H // 2, j < W // 2, c] = max[p < 2, q < 2](x[n, 2 * i + p, 2 * j + q, c])
}
