fn twice(x: f) = 2 * x
fn main(x: f[4]) = twice + x
