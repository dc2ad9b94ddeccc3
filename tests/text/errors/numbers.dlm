fn half(x: f) = .5 * x
fn third(x: f) = x / 3.
fn twice(x: f) = 2x
fn tiny(x: f) = 1e + 1.5.2
fn huge(x: f) = 1e999 * x + 9007199254740993
fn fine(x: f) -> y { for i in 0..3 { y = 1e-400 * x } }
