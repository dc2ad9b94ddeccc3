fn one(at: i32) -> y {
  y = zeros([3])
  y[at] += 5
}
fn steps(x: f[3], at: i64[2]) -> y {
  y = scan i in at with h = x {
    h[i] += 1
    yield h
  }
}
fn main(x: f[3], at: i32, all: i64[2]) -> a, b {
  a = one(at)
  b = steps(x, all)
}
# EXPECT
# error[E0207]: `at` on the left is an index, and hides a value of this name
#  --> t.dlm:3:5
#   |
# 3 |   y[at] += 5
#   |     ^^
#   = help: call the index something else; the position `at` is written `at + 0`
#
# error[E0207]: `i` on the left is an index, and hides a value of this name
#  --> t.dlm:7:7
#   |
# 7 |     h[i] += 1
#   |       ^
#   = help: call the index something else; the position `i` is written `i + 0`
