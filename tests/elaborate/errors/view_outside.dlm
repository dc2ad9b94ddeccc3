fn main(x: f[2, 3]) = x[2] + x[0, 1:5]
