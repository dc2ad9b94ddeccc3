fn main(x: f[4, 5]) -> y { y[i] = x[i] }
