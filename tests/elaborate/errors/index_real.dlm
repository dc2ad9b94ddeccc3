fn main(x: f[4]) -> y { y[i] = x[i / 2] + x[i] }
