fn main(x: f[4]) -> y { y[i] += x[i] }
