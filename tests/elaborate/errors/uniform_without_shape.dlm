fn main(x: f[4]) = x * uniform(0, 1)
