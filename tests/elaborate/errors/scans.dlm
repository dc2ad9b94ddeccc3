fn main(x: f[3, 4], y: f[2, 4], n: f) -> a {
  a = scan v in x with h = zeros([4]) { h = h[0:2]  yield h }
  b = scan v in x, u in y with h = 0 { h = h + sum(u)  yield h }
  c = scan v in x with h = 0 { h = h + sum(v) }
  d = scan v in n with h = 0 { h = h + v  yield h }
  e = scan t in 0..n with h = 0 { h = h + 1  yield h }
  f = scan v in x with h = 0, truncate = 0 { h = h + sum(v)  yield h }
  g = scan v in x with h = 0 { return v }
  i = scan t in 0..4 with h = 0 { h = h + x[t, 0]  yield h }
  j, k = scan v in x with h = 0 { h = h + sum(v)  yield h }
  l[i] = scan v in x with h = 0 { h = h + v[i]  yield h }
  m = scan v in x with h = 0 { h = unknown  yield h }
}
# EXPECT
# error[E0218]: the carry `h` begins as f[4] and is f[2] after a step
#  --> t.dlm:2:24
#   |
# 2 |   a = scan v in x with h = zeros([4]) { h = h[0:2]  yield h }
#   |                        ^
#   |                            ---------- its first value
#
# error[E0203]: a `scan` over 3 steps and over 2 steps
#  --> t.dlm:3:25
#   |
# 3 |   b = scan v in x, u in y with h = 0 { h = h + sum(u)  yield h }
#   |                         ^ 2 elements along its first axis
#   |                 - 3 elements along its first axis
#
# error[E0305]: this `scan` yields nothing
#  --> t.dlm:4:7
#   |
# 4 |   c = scan v in x with h = 0 { h = h + sum(v) }
#   |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#   = help: end its body with `yield` and the value of a step
#
# error[E0208]: a `scan` runs along the first axis of a tensor
#  --> t.dlm:5:17
#   |
# 5 |   d = scan v in n with h = 0 { h = h + v  yield h }
#   |                 ^ this is f
#
# error[E0302]: the end of a `scan` must be known when the program is compiled
#  --> t.dlm:6:20
#   |
# 6 |   e = scan t in 0..n with h = 0 { h = h + 1  yield h }
#   |                    ^ this is f
#
# error[E0303]: the window of a truncated `scan` is at least 1
#  --> t.dlm:7:42
#   |
# 7 |   f = scan v in x with h = 0, truncate = 0 { h = h + sum(v)  yield h }
#   |                                          ^
#
# error[E0305]: `return` does not belong in a `scan`
#  --> t.dlm:8:7
#   |
# 8 |   g = scan v in x with h = 0 { return v }
#   |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#   = help: `yield` the value of a step
#
# error[E0204]: this views `x` outside of it in some steps
#  --> t.dlm:9:45
#   |
# 9 |   i = scan t in 0..4 with h = 0 { h = h + x[t, 0]  yield h }
#   |                                             ^ it has 3 elements along axis 0
#
# error[E0215]: 1 value for 2 names
#   --> t.dlm:10:10
#    |
# 10 |   j, k = scan v in x with h = 0 { h = h + sum(v)  yield h }
#    |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
#    |   -
#
# error[E0205]: nothing gives the range of index `i`
#   --> t.dlm:11:5
#    |
# 11 |   l[i] = scan v in x with h = 0 { h = h + v[i]  yield h }
#    |     ^
#    = help: give it a bound, as in `i < N`, or read a tensor at `i` alone
#
# error[E0201]: unknown name `unknown`
#   --> t.dlm:12:36
#    |
# 12 |   m = scan v in x with h = 0 { h = unknown  yield h }
#    |                                    ^^^^^^^
