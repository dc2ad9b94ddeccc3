# Recurrences.  Expected values: the equations written out, or the same computed another way; layers against PyTorch are in
# `tests/cli/layers_test.py`.
import "samples"
import "std/nn"
import "std/recurrent"

test "reverse keeps the padding where it is" {
  x = [[1.0, 5.0], [2.0, 6.0], [3.0, 7.0]]
  assert all(reverse(x, [2, 3]) == [[2.0, 7.0], [1.0, 6.0], [3.0, 5.0]])
  assert all(reverse(x) == [[3.0, 7.0], [2.0, 6.0], [1.0, 5.0]])
  assert all(reverse(reverse(x, [1, 2]), [1, 2]) == x)
  w = samples([3, 2], 1)
  assert close(grad(sum(w * reverse(x, [2, 3])), x), reverse(w, [2, 3]), 0)
}
test "delay" {
  x = [[1.0, 5.0], [2.0, 6.0], [3.0, 7.0]]
  assert all(delay(x) == [[0.0, 0.0], [1.0, 5.0], [2.0, 6.0]])
  assert all(delay(x, [8.0, 9.0]) == [[8.0, 9.0], [1.0, 5.0], [2.0, 6.0]])
}
test "sequence_mask" {
  assert all(sequence_mask([2, 0, 3], 3) == [[true, false, true], [true, false, true], [false, false, true]])
}
test "rnn_cell with each activation and a leak" {
  # x w + h u + b = 1 * 0.5 + 0.25 * 2 - 0.25 = 0.75.
  x = [[1.0]]
  h = [[0.25]]
  assert close(rnn_cell(x, h, [[0.5]], [[2.0]], [-0.25]), [[tanh(0.75)]], 1e-15)
  assert close(rnn_cell(x, h, [[0.5]], [[2.0]], [-0.25], relu), [[0.75]], 1e-15)
  assert close(rnn_cell(x, h, [[0.5]], [[2.0]], [-2.0], relu), [[0.0]], 0)
  assert close(rnn_cell(x, h, [[0.5]], [[2.0]], [-0.25], sigmoid), [[sigmoid(0.75)]], 1e-15)
  assert close(rnn_cell(x, h, [[0.5]], [[2.0]], [-0.25], relu, 0.9), [[0.9 * 0.25 + 0.1 * 0.75]], 1e-15)
}
test "a leaky unit halves its state in ln(1/2) / ln(leak) steps" {
  hs = scan_rnn(zeros([8, 1, 1]), [[0.0]], [[0.0]], [0.0], [[1.0]], leak = [0.5^(1 / 4)])
  assert close(hs[3], [[0.5]], 1e-12)
  assert close(hs[7], [[0.25]], 1e-12)
}
test "lstm_cell with tanh, and the book's with sigmoid" {
  # Every weight 0.5, the forget gate's bias 1; x = 1, h = 0.5, c = 0.2 (equations 10.40 to 10.44), computed by hand in NumPy.
  w[g < 4, i < 1, k < 1] = 0.5
  b = [[0.0], [1.0], [0.0], [0.0]]
  z = 0.5 * 1 + 0.5 * 0.5
  h, c = lstm_cell([[1.0]], [[0.5]], [[0.2]], w, w, b)
  assert close(c, [[0.6017701997]], 1e-10)
  assert close(h, [[sigmoid(z) * tanh(0.6017701997)]], 1e-10)
  h, c = lstm_cell([[1.0]], [[0.5]], [[0.2]], w, w, b, activation = sigmoid)
  assert close(c, [[0.6316742658]], 1e-10)
  # A bias of 1 or `forget_bias` 1: the same.
  h, c = lstm_cell([[1.0]], [[0.5]], [[0.2]], w, w, zeros([4, 1]), forget_bias = 1)
  assert close(c, [[0.6017701997]], 1e-10)
}
test "peepholes: input and forget gates see the old cell, the output gate the new one" {
  w = zeros([4, 1, 1])
  b = [[0.1], [0.2], [0.3], [0.4]]
  h, c = lstm_cell([[1.0]], [[0.5]], [[0.5]], w, w, b, [[2.0], [-1.0], [3.0]])
  new = sigmoid(0.2 - 0.5) * 0.5 + sigmoid(0.1 + 1.0) * tanh(0.3)
  assert close(c, [[new]], 1e-15)
  assert close(h, [[sigmoid(0.4 + 3 * new) * tanh(new)]], 1e-15)
}
test "gru_cell with the reset gate after and before the product" {
  x = [[1.0]]
  h = [[0.5]]
  w[g < 3, i < 1, k < 1] = [0.5, -0.5, 0.25][g]
  u[g < 3, i < 1, k < 1] = [1.0, 2.0, -1.0][g]
  b[g < 3, i < 1] = [0.1, 0.2, 0.3][g]
  reset  = sigmoid(0.5 + 0.5 + 0.1)
  update = sigmoid(-0.5 + 1.0 + 0.2)
  after = tanh(0.25 + 0.3 + reset * (-0.5 + 0.7))
  assert close(gru_cell(x, h, w, u, b, [0.7]), [[update * 0.5 + (1 - update) * after]], 1e-15)
  # In one dimension the product commutes with the gate; the book's candidate is a sigmoid (equation 10.45).
  before = sigmoid(0.25 + 0.3 - reset * 0.5)
  assert close(gru_cell(x, h, w, u, b, activation = sigmoid, reset_before = true),
               [[update * 0.5 + (1 - update) * before]], 1e-15)
}
test "before and after differ in two dimensions" {
  x = samples([1, 2], 1)
  h = samples([1, 2], 2)
  w = samples([3, 2, 2], 3)
  u = samples([3, 2, 2], 4)
  b = samples([3, 2], 5)
  # Equations 10.45 to 10.47 with tanh, a unit at a time.
  a[g, i] = b[g, i] + sum[k](x[0, k] * w[g, i, k])
  r = sigmoid(a[0] + linear(h[0], u[0]))
  z = sigmoid(a[1] + linear(h[0], u[1]))
  assert close(gru_cell(x, h, w, u, b, reset_before = true)[0],
               z * h[0] + (1 - z) * tanh(a[2] + linear(r * h[0], u[2])), 1e-14)
  assert close(gru_cell(x, h, w, u, b)[0], z * h[0] + (1 - z) * tanh(a[2] + r * linear(h[0], u[2])), 1e-14)
}
test "scan_gru" {
  # By torch.nn.GRU of PyTorch 2.15, whose bias of the candidate's product is `candidate_bias` and other biases of the state are 0.
  w = samples([3, 2, 2], 2)
  u = samples([3, 2, 2], 3)
  b = samples([3, 2], 4)
  c = samples([2], 5)
  h0 = samples([2, 2], 6)
  xs = samples([3, 2, 2], 1)
  hs = scan_gru(xs, w, u, b, c, h0)
  assert close(hs[0], [[-0.77674131014946, 0.25059426474790], [0.22890635270371, 0.32501484382701]], 1e-13)
  assert close(hs[1], [[0.42333228863867, 0.56383400770003], [-0.21450857137004, 0.30115730385113]], 1e-13)
  assert close(hs[2], [[0.13836179520366, 0.21580753013952], [-0.34793193901038, 0.21270822457255]], 1e-13)
  # Step by step, an example at rest behind its length.
  first  = gru_cell(xs[0], h0, w, u, b, activation = sigmoid, reset_before = true)
  second = gru_cell(xs[1], first, w, u, b, activation = sigmoid, reset_before = true)
  ys = scan_gru(xs, w, u, b, h0 = h0, activation = sigmoid, reset_before = true, lengths = [2, 1])
  assert close(ys[2], [second[0], first[1]], 1e-14)
}
test "states stay beyond the lengths, and what lies there has no influence" {
  xs = samples([4, 3, 2], 1)
  lengths = [2, 4, 0]
  h0 = samples([3, 3], 2)
  shared net = gru(3)
  hs = net(xs, h0 = h0, lengths = lengths)
  # Example 0 as if it were two steps long.
  short[t < 2, n < 1, k] = xs[t, n, k]
  first[n < 1, i] = h0[n, i]
  alone = net(short, h0 = first)
  for step in 2..4 { assert all(hs[step, 0] == hs[1, 0]) }
  assert close(hs[1, 0], alone[1, 0], 1e-14)
  assert all(hs[3, 2] == h0[2])
  g = grad(sum(hs * samples(shape(hs), 9)), xs)
  for step in 2..4 { assert all(g[step, 0] == 0) }
  for step in 0..4 { assert all(g[step, 2] == 0) }
  assert not any(g[3, 1] == 0)
}
test "padding that is not finite does no harm" {
  x = [[[1.0]], [[inf]]]
  hs = scan_rnn(x, [[0.5]], [[1.0]], [0.0], activation = relu, lengths = [1])
  assert close(hs, [[[0.5]], [[0.5]]], 0)
  assert all(grad(sum(hs), x) == [[[1.0]], [[0.0]]])
}
test "backward is forward over the reversed sequence" {
  xs = samples([4, 2, 2], 1)
  lengths = [3, 4]
  shared back = lstm(3, backward = true)
  w = samples([4, 3, 2], 3)
  u = samples([4, 3, 3], 4)
  b = samples([4, 3], 5)
  hs, cs = scan_lstm(reverse(xs, lengths), w, u, b, lengths = lengths)
  assert shape(back(xs, lengths = lengths)) == shape(hs)
  # The backward state of the last valid step has read that step alone.
  last[t < 1, n, k] = [xs[2, 0], xs[3, 1]][n, k]
  ys = back(xs, lengths = lengths)
  alone = back(last)
  assert close(ys[2, 0], alone[0, 0], 1e-14)
  assert close(ys[3, 1], alone[0, 1], 1e-14)
}
test "a sequence is two pieces, the second begun from the states of the first" {
  xs = samples([5, 2, 3], 1)
  shared net = lstm_states(4, peephole = true, forget_bias = 1)
  hs, cs = net(xs)
  h1, c1 = net(xs[0:2])
  h2, c2 = net(xs[2:5], h0 = h1[1], c0 = c1[1])
  assert close(hs[0:2], h1, 1e-14)
  assert close(hs[2:5], h2, 1e-14)
  assert close(cs[2:5], c2, 1e-14)
}
test "a reservoir has the spectral radius it is given, and learns nothing" {
  shared net = reservoir(6, spectral_radius = 0.5)
  # Near 0 tanh is the identity: a step without input scales the length of the state by the radius.
  h0 = 1e-5 * samples([1, 6], 2)
  hs = net(zeros([3, 1, 2]), h0 = h0)
  assert close(sum(hs[2] * hs[2]) / sum(h0 * h0), 0.5^6, 1e-6)
  assert shape(samples([3, 2, 2], 1) |> reservoir(5, leak = 0.5)) == [3, 2, 5]
}
test "recurrent: stacks, both ways" {
  xs = samples([4, 2, 3], 1)
  lengths = [2, 4]
  assert shape(xs |> recurrent([gru(5), lstm(4)])) == [4, 2, 4]
  assert shape(
      xs |> recurrent([bidirectional(rnn(5)), bidirectional(rnn(4, activation = relu))], p = 0.5, lengths = lengths))
      == [4, 2, 8]
  # Forward the first valid step has been read alone, backward the last.
  shared both = bidirectional(gru(3))
  ys = both(xs, lengths = lengths)
  first = both(xs[0:1])
  assert close(ys[0, 1, 0:3], first[0, 1, 0:3], 1e-14)
  last[t < 1, n, k] = [xs[1, 0], xs[3, 1]][n, k]
  alone = both(last)
  assert close(ys[1, 0, 3:6], alone[0, 0, 3:6], 1e-14)
  assert close(ys[3, 1, 3:6], alone[0, 1, 3:6], 1e-14)
}
test "decoders see the source only through its lengths, and no target to come" {
  source = samples([4, 2, 3], 1)
  target = samples([3, 2, 2], 2)
  shared a = sequence_to_sequence(4)
  shared b = encoder_decoder(4)
  shared c = attention_decoder(4)
  ya = a(source, target, lengths = [2, 4])
  yb = b(source, target, lengths = [2, 4])
  yc, seen, weights = c(target, source, lengths = [2, 4])
  ga = grad(sum(ya[0] * samples([2, 4], 9)), [source, target])
  gb = grad(sum(yb[0] * samples([2, 4], 9)), [source, target])
  gc = grad(sum(yc[0] * samples([2, 4], 9)), [source, target])
  for step in 2..4 {
    assert all(ga[0][step, 0] == 0) and all(gb[0][step, 0] == 0) and all(gc[0][step, 0] == 0)
    assert not any(ga[0][step, 1] == 0) and not any(gb[0][step, 1] == 0) and not any(gc[0][step, 1] == 0)
  }
  for step in 1..3 { assert all(ga[1][step] == 0) and all(gb[1][step] == 0) and all(gc[1][step] == 0) }
  assert shape(seen) == [3, 2, 3]
  total[t, n] = sum[s](weights[t, n, s])
  assert close(total, ones([3, 2]), 1e-14)
  assert all((weights[0, 0] > 0) == [true, true, false, false])
}
