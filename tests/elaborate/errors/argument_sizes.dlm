import "std/linear"
fn main(x: f[4, 784], w: f[10, 128]) = linear(x, w)
