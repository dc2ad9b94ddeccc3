fn main(x: f[4], s: f[4]) -> y { y[i] = x[i] + s }
