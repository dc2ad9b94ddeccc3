fn forever(n: int) = forever(n + 1)
fn main(x: f[4]) = x * forever(0)
