# RUN: dlc test %s
# EXIT: 1
# What no function of the library can do is said at the call.
import "std/order"
import "std/unit"
test "as many of the largest as there are elements" {
  values, positions = top_k([1.0, 2.0], 3)
}
test "shares within [0, 1]" {
  assert quantile([1.0, 2.0], 1.5) == 1
}
test "halves" {
  assert all(glu([1.0, 2.0, 3.0]) == 1)
}
# HAS: top_k takes at most as many elements as a row has
# HAS: in this call of `top_k`
# HAS: the share of a quantile lies in [0, 1]
# HAS: in this call of `quantile`
# HAS: `2 * K` is 3 here
