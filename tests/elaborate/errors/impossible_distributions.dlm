fn main() -> y {
  a = bernoulli(1.5, shape = [3])
  b = uniform(1, 0, shape = [3])
  c = normal(0, -1, shape = [3])
  y = uniform(1, 1, shape = [3]) + normal(0, 0, shape = [3]) + bernoulli(1, shape = [3])
}
# EXPECT
# error[E0303]: the probability `bernoulli` is given lies between 0 and 1
#  --> t.dlm:2:17
#   |
# 2 |   a = bernoulli(1.5, shape = [3])
#   |                 ^^^ this is 1.5
#
# error[E0303]: `uniform` draws from 1 to no less than that
#  --> t.dlm:3:18
#   |
# 3 |   b = uniform(1, 0, shape = [3])
#   |                  ^ this is 0
#
# error[E0303]: the standard deviation of `normal` is at least 0
#  --> t.dlm:4:17
#   |
# 4 |   c = normal(0, -1, shape = [3])
#   |                 ^^ this is -1
