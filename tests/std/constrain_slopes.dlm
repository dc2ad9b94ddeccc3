# Gradients of std/constrain, in f64: within 1e-9, relatively, of central differences of order four along fixed directions.
import "samples"
import "std/constrain"

fn _max_norm(t: f[1]) {
  w = 1.5 * samples([4, 3], 1) + t[0] * samples([4, 3], 21)
  v = max_norm(w, most = 1.5)
  return sum(v * samples(shape(v), 50))
}
test "max_norm" {
  t = zeros([1])
  g = grad(_max_norm(t), t)
  for k in 0..1 {
    e = 0.001 * axis(k, 1)
    assert agree(g[k], difference(_max_norm(2 * e), _max_norm(e), _max_norm(-e), _max_norm(-2 * e), 0.001), 1e-9)
  }
}
