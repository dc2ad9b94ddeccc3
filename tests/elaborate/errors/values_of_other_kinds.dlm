fn main(x: f[4]) {
  a = "a" + 1
  b = [1, "b"] + 2
  c = 3[1]
  d = argmax(zeros([0]))
  e = [][0]
  f = grad(1, 2)
  g = "a" < "b"
  h = x |> a
  i = 2^10000
  j = i64(inf)
  k = softmax(3)
  l[n < 2, 2] = 1
  return x
}
# EXPECT
# error[E0212]: a number or a tensor is needed
#  --> t.dlm:2:7
#   |
# 2 |   a = "a" + 1
#   |       ^^^ this is the string "a"
#
# error[E0212]: the entries of this list are of different shapes, so it is no tensor
#  --> t.dlm:3:7
#   |
# 3 |   b = [1, "b"] + 2
#   |       ^^^^^^^^
#
# error[E0208]: `3` has 0 dimensions, viewed with 1 positions
#  --> t.dlm:4:7
#   |
# 4 |   c = 3[1]
#   |       ^^^^
#
# error[E0208]: `argmax` of a tensor without elements
#  --> t.dlm:5:14
#   |
# 5 |   d = argmax(zeros([0]))
#   |              ^^^^^^^^^^ this is f[0]
#
# error[E0204]: entry 0 of a list of 0
#  --> t.dlm:6:10
#   |
# 6 |   e = [][0]
#   |          ^ it is empty
#
# error[E0216]: `grad` differentiates one number
#  --> t.dlm:7:12
#   |
# 7 |   f = grad(1, 2)
#   |            ^ this is the number 1
#   = help: what is known without running has no derivative: take it from an argument or from a named list
#
# error[E0212]: the string "a" and the string "b" have no order
#  --> t.dlm:8:7
#   |
# 8 |   g = "a" < "b"
#   |       ^^^^^^^^^
#
# error[E0303]: 2 ^ 10000 exceeds 64 bits
#   --> t.dlm:10:7
#    |
# 10 |   i = 2^10000
#    |       ^^^^^^^
#
# error[E0303]: the number inf has no integer value
#   --> t.dlm:11:7
#    |
# 11 |   j = i64(inf)
#    |       ^^^^^^^^
#
# error[E0210]: nothing gives the size `K` of `softmax`
#   --> t.dlm:12:7
#    |
# 12 |   k = softmax(3)
#    |       ^^^^^^^^^^
#   ::: dsl/std/reduce.dlm:15:21
#    |
# 15 | fn softmax(x: f[.., K]) -> y {
#    |                     - used here
#
# error[E0206]: the left side does not define each element exactly once
#   --> t.dlm:13:12
#    |
# 13 |   l[n < 2, 2] = 1
#    |            ^ position 0 is not defined: this starts at 2
