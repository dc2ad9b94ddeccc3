import "std/nn"
fn main(x: f[2, 4]) = dense(x, 3)
