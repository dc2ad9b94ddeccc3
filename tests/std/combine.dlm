# Layers made of layers.
import "samples"
import "std/nn"

## x with a number of its own behind it.
layer marked(x: f[K]) -> y {
  param mark: f[1] ~ normal(0, 1)
  y = concat(x, mark)
}

test "chain: each block is given what the one before it returns" {
  x = [-4.0, 0.25, 9.0]
  assert all(chain(x, [relu, sqrt]) == [0.0, 0.5, 3.0])
  assert all(chain(x, [leaky_relu(slope = 0.5), abs, sqrt]) == [sqrt(2.0), 0.5, 3.0])
  assert all(chain(x, [relu]) == relu(x))
  # (x²)³: the gradient is the product of those of the blocks.
  assert close(grad(sum(chain(x, [_square, _cube])), x), 6 * x^5, 1e-12)
  assert shape(samples([2, 3], 1) |> chain([dense(5), tanh, dense(4), softmax])) == [2, 4]
}
fn _square(x: f) = x^2
fn _cube(x: f) = x^3
test "chain and repeat: every instance has parameters of its own, a shared one keeps them" {
  y = chain([0.0], [marked, marked, marked])
  assert shape(y) == [4]
  assert y[1] != y[2] and y[1] != y[3] and y[2] != y[3]
  shared net = repeat(3, marked)
  z = net([0.0])
  assert shape(z) == [4]
  assert z[1] != z[2] and z[1] != z[3] and z[2] != z[3]
  assert all(net([5.0])[1:4] == z[1:4])
}
test "repeat" {
  x = [-8.0, 3.0]
  assert all(repeat(x, 3, leaky_relu(slope = 0.5)) == [-1.0, 3.0])
  assert all(repeat(x, 0, relu) == x)
  # x ↦ x² thrice is x⁸.
  assert close(grad(sum(repeat(x, 3, _square)), x), 8 * x^7, 1e-12)
}
test "residual adds what its block makes of x" {
  x = [-1.0, 2.0]
  assert all(residual(x, relu) == [-1.0, 4.0])
  assert close(grad(sum(residual(x, relu)), x), [1.0, 2.0], 0)
  assert all(repeat(x, 3, residual(relu)) == [-1.0, 16.0])
  # x + W x is linear, and W begins without biases.
  shared net = residual(dense(2))
  y = net(x)
  assert all(net(zeros([2])) == 0)
  assert close(net(3 * x), 3 * y, 1e-12)
  assert not any(y == x)
}
