# Matrix products, each with its operands as they lie in memory: N as the equation reads it, T transposed.
import "std/linear"
import "std/scalar"

fn nn(a: f[M, K], b: f[K, N]) -> y {
  y[m, n] = sum[k](a[m, k] * b[k, n])
}

## Of a layer: `b` is a weight with a row for each unit.
fn nt(a: f[M, K], b: f[N, K]) -> y {
  y[m, n] = sum[k](a[m, k] * b[n, k])
}

## Of a weight's gradient: K counts the examples.
fn tn(a: f[K, M], b: f[K, N]) -> y {
  y[m, n] = sum[k](a[k, m] * b[k, n])
}

fn layer_relu(x: f[M, K], w: f[N, K], bias: f[N]) = relu(linear(x, w, bias))
