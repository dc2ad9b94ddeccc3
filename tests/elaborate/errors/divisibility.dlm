fn heads(x: f[N, 4 * D]) -> y { y[n, d < D] = x[n, d] }
fn main(x: f[2, 6]) = heads(x)
