fn add(a: f[N, ..S], b: f[N, ..S]) -> y { y[n, ..s] = a[n, ..s] + b[n, ..s] }
fn main(a: f[2, 3, 4], b: f[2, 3, 5]) = add(a, b)
