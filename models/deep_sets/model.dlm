# The sum of a set of digits, learned from the sums alone (Zaheer et al. 2017, section 4.1.2).
import "std/nn"
import "std/loss"
import "std/optim"

## An element's network, the sum over the elements, a network of the sum.  No size is written into a parameter, so sets of any size will do.
model DeepSets(size: int = 10, digits: int = 10, hidden: int = 32) {
  input  x: i32[Batch, size]
  target y: f[Batch]

  sums = x |> embedding(digits, hidden) |> deep_sets([hidden, hidden], [hidden, 1])
  sum_of[n] = sums[n, 0]

  output prediction    = sum_of
  loss   squared_error = mse(sum_of, y)
  metric exact         = mean(abs(sum_of - y) < 0.5)
}

train {
  data      = set_sum()
  batch     = 64
  optimizer = adam(lr = 1e-3)
  schedule  = cosine(last = 1e-5)
  epochs    = 20
}

test "the order of the elements changes nothing" {
  shared net = deep_sets([4, 3], [4, 2])
  flat[i < 30] = sin(1.0 * i * i)
  x = reshape(flat, [2, 5, 3])
  turned[n, m < 5, k] = x[n, 4 - m, k]
  assert close(net(turned), net(x), 1e-12)
}
