# Layers of attention by what does not depend on their weights; `tests/cli/layers_test.py` holds their values against the functions they build
# on.
import "samples"
import "std/nn"

## Row `i` of an example's positions is `by[i]` of x.
fn _permuted(x: f[N, T, E], by: i32[T]) -> y {
  y[n, t, e] = x[n, by[t], e]
}
## Mean 0 and variance 1 along the last axis, but for eps = 1e-5 beside a variance of the order of 1.
fn _standardized(y: f[.., E]) -> right {
  m[..] = mean[e](y[.., e])
  right = close(m, 0, 1e-12) and close(variance(y), 1, 1e-3)
}

test "multi_head: one key is all there is to see" {
  shared net = multi_head(heads = 2)
  x = samples([2, 3, 4], 1)
  a = samples([2, 1, 6], 2)
  b = samples([2, 1, 6], 3)
  y = net(x, a)
  assert shape(y) == [2, 3, 4]
  # Whatever the query: a linear map of the key's value, for biases begin as 0.
  assert close(y[:, 1], y[:, 0], 1e-12)
  assert close(net(x, 2 * a - b), 2 * y - net(x, b), 1e-12)
}
test "multi_head: the order of what is remembered does not matter, that of the queries is that of the result" {
  shared net = multi_head(heads = 2, units = 6)
  x = samples([2, 3, 4], 1)
  memory = samples([2, 4, 5], 2)
  y = net(x, memory)
  assert close(net(x, _permuted(memory, [2, 0, 3, 1])), y, 1e-12)
  assert close(net(_permuted(x, [2, 0, 1]), memory), _permuted(y, [2, 0, 1]), 1e-12)
  # Memory beyond the lengths might not be there.
  assert close(net(x, memory, lengths = [2, 2]), net(x, memory[:, 0:2]), 1e-12)
}
test "multi_head: with rotary positions only distances count" {
  shared net = multi_head(heads = 2, units = 8, rotate = true)
  x = samples([1, 2, 4], 1)
  # Two positions, then the same two behind two more that are masked by a bias.
  far[n < 1, t < 4, e] = x[n, t % 2, e]
  bias[i < 4, j < 4] = if j < 2 then -inf else 0.0
  assert close(net(far, far, bias = bias)[:, 2:4], net(x, x), 1e-12)
  assert not any(net(x[:, 0:1], x) == net(x[:, 1:2], x))
}
test "feed_forward is the same map at each position" {
  shared net = feed_forward(hidden = 5)
  x = samples([2, 3, 4], 1)
  y = net(x)
  assert shape(y) == [2, 3, 4]
  assert close(net(x[1, 2]), y[1, 2], 1e-12)
  assert all(net(zeros([1, 4])) == 0)
  # gelu(z) - gelu(-z) = z, so the odd part is linear.
  assert close(net(2 * x) - net(-2 * x), 2 * (y - net(-x)), 1e-12)
  dropped = feed_forward(x, hidden = 5, p = 0.9)
  assert shape(dropped) == [2, 3, 4]
}
test "transformer_encoder_block: normalized behind, or in front" {
  x = samples([2, 4, 6], 1)
  shared behind = transformer_encoder_block(heads = 3)
  shared front  = transformer_encoder_block(heads = 3, pre_norm = true)
  assert _standardized(behind(x))
  assert shape(front(x)) == [2, 4, 6]
  # In front, what all elements of a position have in common changes nothing of what is added to it.
  assert close(front(x + 3) - (x + 3), front(x) - x, 1e-12)
  # Without positions the block commutes with every permutation of them.
  for block in [behind, front] {
    assert close(block(_permuted(x, [3, 1, 0, 2])), _permuted(block(x), [3, 1, 0, 2]), 1e-12)
  }
}
test "transformer_encoder_block: who sees whom" {
  x = samples([2, 4, 6], 1)
  shared causal = transformer_encoder_block(heads = 2, causal = true)
  assert close(causal(x)[:, 0:3], causal(x[:, 0:3]), 1e-12)
  shared net = transformer_encoder_block(heads = 2)
  y = net(x, lengths = [4, 2])
  assert close(y[1:2, 0:2], net(x[1:2, 0:2]), 1e-12)
  assert close(y[0:1], net(x[0:1]), 1e-12)
}
test "transformer_decoder_block: what was written, and all of memory" {
  x = samples([2, 3, 6], 1)
  memory = samples([2, 4, 5], 2)
  for pre_norm in [false, true] {
    shared net = transformer_decoder_block(heads = 2, pre_norm = pre_norm)
    y = net(x, memory)
    assert shape(y) == [2, 3, 6]
    if not pre_norm { assert _standardized(y) }
    assert close(y[:, 0:2], net(x[:, 0:2], memory), 1e-12)
    assert close(net(x, _permuted(memory, [1, 3, 2, 0])), y, 1e-12)
    assert close(net(x, memory, lengths = [3, 3]), net(x, memory[:, 0:3]), 1e-12)
    g = grad(sum(samples([6], 9) * y[0, 0]), [x, memory])
    assert not any(g[1][0] == 0) and all(g[1][1] == 0)
    assert all(g[0][0, 1:3] == 0)
  }
}
test "stacks of blocks: with one block and `pre_norm` the result is normalized once more" {
  x = samples([2, 3, 6], 1)
  memory = samples([2, 4, 6], 2)
  assert _standardized(transformer_encoder(x, 1, heads = 2, pre_norm = true))
  assert _standardized(transformer_encoder(x, 3, heads = 2))
  assert _standardized(transformer_decoder(x, memory, 1, heads = 2, pre_norm = true))
  assert _standardized(transformer_decoder(x, memory, 2, heads = 2))
  # No block leaves x as it is.
  assert all(transformer_encoder(x, 0, heads = 2) == x)
  assert all(transformer_decoder(x, memory, 0, heads = 2) == x)
  shared net = transformer_decoder(2, heads = 2)
  assert close(net(x, memory)[:, 0:2], net(x[:, 0:2], memory), 1e-12)
}
