fn clipped(x: f[N]) -> y { y = x } with adjoint { x = y }
fn main(x: f[4]) = clipped(x)
