fn main(x: f[4]) -> y { y[i, i] = x[i] }
