fn parts(x: f[A * B]) = x
fn main(x: f[6]) = parts(x)
