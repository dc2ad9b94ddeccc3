# What ends too soon is said once.
fn fine(x: f) = x
test "swallows all { assert fine(1) == 1 }
