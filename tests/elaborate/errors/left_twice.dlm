fn main(x: f[4]) -> y { y[2 * i] = x[i] }
