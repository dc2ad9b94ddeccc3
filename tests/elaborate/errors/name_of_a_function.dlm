fn twice(x: f) = 2 * x
fn main(x: f[4]) = twice + x
# EXPECT
# error[E0201]: unknown name `twice`
#  --> t.dlm:2:20
#   |
# 1 | fn twice(x: f) = 2 * x
#   |    ----- declared here
# 2 | fn main(x: f[4]) = twice + x
#   |                    ^^^^^
#   = help: `twice` is a function; call it: `twice(…)`
