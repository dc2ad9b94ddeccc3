fn main(x: f[3, 3]) -> y { y[i] = sum[i](x[i, i]) }
