# What ends too soon is said once.
fn g(x: f = x
