fn other(x: f[4]) -> z { y = x }
fn main(x: f[4]) = other(x)
