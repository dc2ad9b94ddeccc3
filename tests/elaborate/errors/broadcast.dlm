fn main(a: f[3, 4], b: f[3]) = a + b
