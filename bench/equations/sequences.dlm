# Attention of all heads of a batch, and an LSTM.
import "std/attention"
import "std/recurrent"

fn heads(q: f[B, H, Q, D], k: f[B, H, T, D], v: f[B, H, T, D]) -> y {
  y = attention(q, k, v)
}

## A sequence from the zero state; gates in the order input, forget, cell, output.
fn lstm(xs: f[T, N, K], w: f[4, U, K], u: f[4, U, U], b: f[4, U]) -> hs {
  hs, cs = scan_lstm(xs, w, u, b)
}

fn lstm_step(x: f[N, K], h: f[N, U], c: f[N, U], w: f[4, U, K], u: f[4, U, U], b: f[4, U]) -> h_next, c_next {
  h_next, c_next = lstm_cell(x, h, c, w, u, b)
}
