# Reductions over segments.  Expected values: PyTorch 2.15 in float64.
import "samples"
import "std/segment"
test "segment_sum" {
  x = 2 * samples([6, 2], 1)
  segment = [2, 0, 2, 2, 4, 0]
  y = segment_sum(x, segment, 5)
  assert close(y, [[0.1875, 2.5625], [0.0, 0.0], [-1.21875, 2.34375], [0.0, 0.0], [1.21875, 1.90625]], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, x),
               [[-0.265625, 0.578125], [0.109375, -0.546875], [-0.265625, 0.578125], [-0.265625, 0.578125],
                [-0.640625, -0.296875], [0.109375, -0.546875]], 1e-12)
}
test "segment_mean" {
  x = 2 * samples([6, 2], 1)
  segment = [2, 0, 2, 2, 4, 0]
  y = segment_mean(x, segment, 5)
  assert close(y, [[0.09375, 1.28125], [0.0, 0.0], [-0.40625, 0.78125], [0.0, 0.0], [1.21875, 1.90625]], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, x),
               [[-0.08854166666666667, 0.19270833333333334], [0.0546875, -0.2734375],
                [-0.08854166666666667, 0.19270833333333334], [-0.08854166666666667, 0.19270833333333334],
                [-0.640625, -0.296875], [0.0546875, -0.2734375]], 1e-12)
}
test "segment_max" {
  x = 2 * samples([6, 2], 1)
  segment = [2, 0, 2, 2, 4, 0]
  y = segment_max(x, segment, 5, empty = 0)
  assert close(y, [[0.84375, 1.53125], [0.0, 0.0], [1.96875, 1.40625], [0.0, 0.0], [1.21875, 1.90625]], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, x),
               [[-0.0, 0.578125], [0.109375, -0.0], [-0.265625, 0.0], [-0.0, 0.0], [-0.640625, -0.296875],
                [0.0, -0.546875]], 1e-12)
}
test "segment_softmax" {
  x = 2 * samples([6, 2], 1)
  segment = [2, 0, 2, 2, 4, 0]
  y = segment_softmax(x, segment, 5)
  assert close(y,
               [[0.036595717962375984, 0.4863172582192799], [0.8175744761936437, 0.3775406687981454],
                [0.9438160057634046, 0.08450926772877268], [0.01958827627421944, 0.42917347405194745], [1.0, 1.0],
                [0.18242552380635632, 0.6224593312018545]], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, x),
               [[0.013176373831329054, -0.03319095059788612], [-0.18643306508791602, -0.05875092805039863],
                [-0.014107842175292892, 0.08930520382260568], [0.0009314683439638549, -0.056114253224719524],
                [0.0, -4.6683574637209426e-17], [0.18643306508791607, 0.058750928050398554]], 1e-12)
}
test "segments that are empty, and one index for all rows" {
  x = [1.0, 2.0, 4.0]
  assert all(segment_sum(x, [2, 0, 2], 4) == [2, 0, 5, 0])
  assert all(segment_mean(x, [2, 0, 2], 4) == [2, 0, 2.5, 0])
  assert all(segment_max(x, [2, 0, 2], 4) == [2, -inf, 4, -inf])
  assert all(segment_max(x, [2, 0, 2], 4, empty = -1) == [2, -1, 4, -1])
}
test "the first of equals has the gradient of segment_max" {
  x = [3.0, 1.0, 3.0, 3.0]
  assert all(grad(sum(segment_max(x, [1, 0, 1, 1], 2)), x) == [1, 1, 0, 0])
}
test "segment_softmax sums to 1 in each segment, however large the scores" {
  x = [1000.0, 999.0, -1000.0, 0.0]
  y = segment_softmax(x, [0, 0, 1, 0], 3)
  assert close(y, [0.7310585786300049, 0.2689414213699951, 1, 0], 1e-12)
  assert close(segment_sum(y, [0, 0, 1, 0], 3), [1, 1, 0], 1e-12)
}
test "one segment is the whole" {
  x = samples([7], 1)
  zero = [0, 0, 0, 0, 0, 0, 0]
  assert close(segment_sum(x, zero, 1), [sum(x)], 1e-12)
  assert close(segment_mean(x, zero, 1), [mean(x)], 1e-12)
  assert close(segment_max(x, zero, 1), [max(x)], 0)
}
