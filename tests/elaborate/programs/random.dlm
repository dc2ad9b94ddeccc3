# Random numbers, parameters, states and layers in a test.
import "std/nn"

layer counter(x: f[..]) -> y {
  state seen: f = 0
  seen <- seen + 1
  y = x + seen
}
layer tied(x: f[N, K]) -> y {
  shared net = dense(K)
  y = net(net(x))
}
layer scaled(x: f[..]) -> y {
  param gain: f ~ constant(3)
  y = gain * x
}

test "moments" {
  u = uniform(2, 4, [20000])
  assert close(mean(u), 3, 0.01)
  assert min(u) > 2 and max(u) < 4
  n = normal(1, 2, [20000])
  assert close(mean(n), 1, 0.04)
  assert close(mean((n - 1)^2), 4, 0.04)
  b = bernoulli(0.3, [20000])
  assert close(mean(b), 0.3, 0.02)
}
test "draws differ" {
  a = uniform(0, 1, [4])
  b = uniform(0, 1, [4])
  assert not any(a == b)
}
test "a state's next value is its value from there on" {
  shared c = counter()
  a = c([0.0])
  b = c([0.0])
  assert close(a, [1]) and close(b, [2])
}
test "sharing" {
  x = [[1.0, 2.0]]
  y = tied(x)
  assert shape(y) == [1, 2]
  assert close(scaled(x), [[3, 6]])
}
