import "std/conv"
fn main(x: f[4, 28, 28], w: f[8, 3, 3, 3]) = conv(x, w)
