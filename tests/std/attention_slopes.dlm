# Gradients of std/attention with respect to every argument, in f64: within 1e-9, relatively, of central differences of order four along fixed
# directions.
import "samples"
import "std/attention"

fn _attention(t: f[3]) {
  q = samples([2, 4, 3], 1) + t[0] * samples([2, 4, 3], 21)
  k = samples([2, 4, 3], 2) + t[1] * samples([2, 4, 3], 22)
  v = samples([2, 4, 2], 3) + t[2] * samples([2, 4, 2], 23)
  y = attention(q, k, v)
  return sum(y * samples(shape(y), 50))
}
test "attention" {
  t = zeros([3])
  g = grad(_attention(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k], difference(_attention(2 * e), _attention(e), _attention(-e), _attention(-2 * e), 0.001), 1e-9)
  }
}
fn _causal_attention(t: f[3]) {
  q = samples([2, 4, 3], 1) + t[0] * samples([2, 4, 3], 21)
  k = samples([2, 4, 3], 2) + t[1] * samples([2, 4, 3], 22)
  v = samples([2, 4, 2], 3) + t[2] * samples([2, 4, 2], 23)
  y = attention(q, k, v, causal = true)
  return sum(y * samples(shape(y), 50))
}
test "causal attention" {
  t = zeros([3])
  g = grad(_causal_attention(t), t)
  for k in 0..3 {
    e = 0.001 * axis(k, 3)
    assert agree(g[k],
                 difference(_causal_attention(2 * e), _causal_attention(e), _causal_attention(-e),
                            _causal_attention(-2 * e), 0.001), 1e-9)
  }
}
fn _attention_with_a_bias(t: f[4]) {
  q = samples([3, 2], 1) + t[0] * samples([3, 2], 21)
  k = samples([4, 2], 2) + t[1] * samples([4, 2], 22)
  v = samples([4, 3], 3) + t[2] * samples([4, 3], 23)
  bias = samples([3, 4], 4) + t[3] * samples([3, 4], 24)
  y = attention(q, k, v, bias, scale = 0.7)
  return sum(y * samples(shape(y), 50))
}
test "attention with a bias" {
  t = zeros([4])
  g = grad(_attention_with_a_bias(t), t)
  for k in 0..4 {
    e = 0.001 * axis(k, 4)
    assert agree(g[k],
                 difference(_attention_with_a_bias(2 * e), _attention_with_a_bias(e), _attention_with_a_bias(-e),
                            _attention_with_a_bias(-2 * e), 0.001), 1e-9)
  }
}
fn _causal_attention_with_a_bias(t: f[4]) {
  q = samples([2, 2, 3, 2], 1) + t[0] * samples([2, 2, 3, 2], 21)
  k = samples([2, 2, 4, 2], 2) + t[1] * samples([2, 2, 4, 2], 22)
  v = samples([2, 2, 4, 3], 3) + t[2] * samples([2, 2, 4, 3], 23)
  bias = samples([3, 4], 4) + t[3] * samples([3, 4], 24)
  y = attention(q, k, v, bias, causal = true)
  return sum(y * samples(shape(y), 50))
}
test "causal attention with a bias" {
  t = zeros([4])
  g = grad(_causal_attention_with_a_bias(t), t)
  for k in 0..4 {
    e = 0.001 * axis(k, 4)
    assert agree(g[k],
                 difference(_causal_attention_with_a_bias(2 * e), _causal_attention_with_a_bias(e),
                            _causal_attention_with_a_bias(-e), _causal_attention_with_a_bias(-2 * e), 0.001), 1e-9)
  }
}
fn _split_heads(t: f[1]) {
  x = samples([2, 3, 4], 1) + t[0] * samples([2, 3, 4], 21)
  y = split_heads(x, 2)
  return sum(y * samples(shape(y), 50))
}
test "split_heads" {
  t = zeros([1])
  g = grad(_split_heads(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_split_heads(2 * e), _split_heads(e), _split_heads(-e), _split_heads(-2 * e), 0.001),
                 1e-9)
  }
}
fn _join_heads(t: f[1]) {
  x = samples([2, 2, 3, 2], 1) + t[0] * samples([2, 2, 3, 2], 21)
  y = join_heads(x)
  return sum(y * samples(shape(y), 50))
}
test "join_heads" {
  t = zeros([1])
  g = grad(_join_heads(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_join_heads(2 * e), _join_heads(e), _join_heads(-e), _join_heads(-2 * e), 0.001),
                 1e-9)
  }
}
fn _multi_head_attention(t: f[8]) {
  bk = samples([4], 5)
  x = samples([2, 3, 4], 1) + t[0] * samples([2, 3, 4], 21)
  wq = samples([4, 4], 2) + t[1] * samples([4, 4], 22)
  bq = samples([4], 3) + t[2] * samples([4], 23)
  wk = samples([4, 4], 4) + t[3] * samples([4, 4], 24)
  wv = samples([4, 4], 6) + t[4] * samples([4, 4], 26)
  bv = samples([4], 7) + t[5] * samples([4], 27)
  wo = samples([4, 4], 8) + t[6] * samples([4, 4], 28)
  bo = samples([4], 9) + t[7] * samples([4], 29)
  y = multi_head_attention(x, x, wq, bq, wk, bk, wv, bv, wo, bo, 2)
  return sum(y * samples(shape(y), 50))
}
test "multi_head_attention" {
  t = zeros([8])
  g = grad(_multi_head_attention(t), t)
  for k in 0..8 {
    e = 0.001 * axis(k, 8)
    assert agree(g[k],
                 difference(_multi_head_attention(2 * e), _multi_head_attention(e), _multi_head_attention(-e),
                            _multi_head_attention(-2 * e), 0.001), 1e-9)
  }
}
fn _causal_multi_head_attention(t: f[8]) {
  bk = samples([4], 5)
  x = samples([2, 3, 4], 1) + t[0] * samples([2, 3, 4], 21)
  wq = samples([4, 4], 2) + t[1] * samples([4, 4], 22)
  bq = samples([4], 3) + t[2] * samples([4], 23)
  wk = samples([4, 4], 4) + t[3] * samples([4, 4], 24)
  wv = samples([4, 4], 6) + t[4] * samples([4, 4], 26)
  bv = samples([4], 7) + t[5] * samples([4], 27)
  wo = samples([4, 4], 8) + t[6] * samples([4, 4], 28)
  bo = samples([4], 9) + t[7] * samples([4], 29)
  y = multi_head_attention(x, x, wq, bq, wk, bk, wv, bv, wo, bo, 2, causal = true)
  return sum(y * samples(shape(y), 50))
}
test "causal multi_head_attention" {
  t = zeros([8])
  g = grad(_causal_multi_head_attention(t), t)
  for k in 0..8 {
    e = 0.001 * axis(k, 8)
    assert agree(g[k],
                 difference(_causal_multi_head_attention(2 * e), _causal_multi_head_attention(e),
                            _causal_multi_head_attention(-e), _causal_multi_head_attention(-2 * e), 0.001), 1e-9)
  }
}
test "the keys' bias cancels" {
  x = samples([2, 3, 4], 1)
  w = samples([4, 4], 2)
  b = samples([4], 3)
  y = multi_head_attention(x, x, w, 2 * b, w, b, w, 3 * b, w, b, 2)
  k = samples([4], 5)
  z = multi_head_attention(x, x, w, 2 * b, w, k, w, 3 * b, w, b, 2)
  assert close(y, z, 1e-13)
  assert close(grad(sum(z * samples(shape(z), 9)), k), zeros([4]), 1e-13)
}
