import "std/conv"
fn main(x: f[1, 1, 4, 4]) = max_pool(x, 2.5)
