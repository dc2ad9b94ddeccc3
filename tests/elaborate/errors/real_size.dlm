fn main(x: f[7]) -> y { y[i < 7 / 2] = x[i] }
