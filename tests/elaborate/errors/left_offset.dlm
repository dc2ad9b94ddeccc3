fn main(x: f[4]) -> y { y[i + 1] = x[i] }
