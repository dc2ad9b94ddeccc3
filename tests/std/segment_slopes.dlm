# Gradients of std/segment with respect to every argument, in f64: within 1e-9, relatively, of central differences of order four along fixed
# directions.
import "samples"
import "std/segment"

fn _segment_sum(t: f[1]) {
  x = 2 * samples([6, 2], 1) + t[0] * samples([6, 2], 21)
  segment = [2, 0, 2, 2, 4, 0]
  v = segment_sum(x, segment, 5)
  return sum(v * samples(shape(v), 50))
}
test "segment_sum" {
  t = zeros([1])
  g = grad(_segment_sum(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_segment_sum(2 * e), _segment_sum(e), _segment_sum(-e), _segment_sum(-2 * e), 0.001),
                 1e-9)
  }
}
fn _segment_mean(t: f[1]) {
  x = 2 * samples([6, 2], 1) + t[0] * samples([6, 2], 21)
  segment = [2, 0, 2, 2, 4, 0]
  v = segment_mean(x, segment, 5)
  return sum(v * samples(shape(v), 50))
}
test "segment_mean" {
  t = zeros([1])
  g = grad(_segment_mean(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_segment_mean(2 * e), _segment_mean(e), _segment_mean(-e), _segment_mean(-2 * e), 0.001),
                 1e-9)
  }
}
fn _segment_max(t: f[1]) {
  x = 2 * samples([6, 2], 1) + t[0] * samples([6, 2], 21)
  segment = [2, 0, 2, 2, 4, 0]
  v = segment_max(x, segment, 5, empty = 0)
  return sum(v * samples(shape(v), 50))
}
test "segment_max" {
  t = zeros([1])
  g = grad(_segment_max(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_segment_max(2 * e), _segment_max(e), _segment_max(-e), _segment_max(-2 * e), 0.001),
                 1e-9)
  }
}
fn _segment_softmax(t: f[1]) {
  x = 2 * samples([6, 2], 1) + t[0] * samples([6, 2], 21)
  segment = [2, 0, 2, 2, 4, 0]
  v = segment_softmax(x, segment, 5)
  return sum(v * samples(shape(v), 50))
}
test "segment_softmax" {
  t = zeros([1])
  g = grad(_segment_softmax(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k],
                 difference(_segment_softmax(2 * e), _segment_softmax(e), _segment_softmax(-e),
                            _segment_softmax(-2 * e), 0.001), 1e-9)
  }
}
