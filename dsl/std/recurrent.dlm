# Recurrent networks (Goodfellow et al., chapter 10).
import "scalar"
import "linear"

## x wᵀ + h uᵀ + b.
fn affine(x: f[N, K], w: f[U, K], h: f[N, V], u: f[U, V], b: f[U]) = linear(x, w, b) + linear(h, u)

## One LSTM over time; all hidden states and all cell states (Goodfellow et al., section 10.10.1).
fn lstm(xs: f[T, N, K], h0: f[N, U], c0: f[N, U],
        wi: f[U, K], ui: f[U, U], bi: f[U], wf: f[U, K], uf: f[U, U], bf: f[U],
        wg: f[U, K], ug: f[U, U], bg: f[U], wo: f[U, K], uo: f[U, U], bo: f[U]) -> hs, cs {
  hs, cs = scan x in xs with h = h0, c = c0 {
    i = sigmoid(affine(x, wi, h, ui, bi))
    o = sigmoid(affine(x, wo, h, uo, bo))
    c = sigmoid(affine(x, wf, h, uf, bf)) * c + i * tanh(affine(x, wg, h, ug, bg))
    h = o * tanh(c)
    yield h, c
  }
}
