# Gradients of std/recurrent with respect to every argument, in f64: within 1e-9, relatively, of central differences of order four along fixed
# directions.
import "samples"
import "std/recurrent"

fn _affine(t: f[5]) {
  x = samples([3, 2], 1) + t[0] * samples([3, 2], 21)
  w = samples([4, 2], 2) + t[1] * samples([4, 2], 22)
  h = samples([3, 4], 3) + t[2] * samples([3, 4], 23)
  u = samples([4, 4], 4) + t[3] * samples([4, 4], 24)
  b = samples([4], 5) + t[4] * samples([4], 25)
  y = affine(x, w, h, u, b)
  return sum(y * samples(shape(y), 50))
}
test "affine" {
  t = zeros([5])
  g = grad(_affine(t), t)
  for k in 0..5 {
    e = 0.001 * axis(k, 5)
    assert agree(g[k], difference(_affine(2 * e), _affine(e), _affine(-e), _affine(-2 * e), 0.001), 1e-9)
  }
}
