# Constraints against values computed by hand, and against what defines them: a proximal map minimises the penalty plus half the squared
# distance, a projection moves nothing that is inside.  Gradients of `max_norm`: PyTorch 2.15 in float64.
import "samples"
import "std/constrain"

test "prox_l1 minimises lr alpha |v| + (v - w)² / 2" {
  w = [0.8, -0.3, 0.04, -0.05]
  v = prox_l1(w, alpha = 0.5, lr = 0.1)
  assert close(v, [0.75, -0.25, 0.0, 0.0], 1e-12)
  for k in 0..4 {
    for j in 0..21 {
      other = j / 10 - 1
      assert 0.05 * abs(v[k]) + 0.5 * (v[k] - w[k])^2 <= 0.05 * abs(other) + 0.5 * (other - w[k])^2 + 1e-6
    }
  }
}
test "prox_l1 gives exact zeros" {
  assert all(prox_l1([1.5, 0.25, 0.5, -0.5, -0.75, 0.0], 0.5) == [1.0, 0.0, 0.0, 0.0, -0.25, 0.0])
}
test "prox_elastic_net minimises lr (l1 |v| + l2 v² / 2) + (v - w)² / 2" {
  w = [0.8, -0.3, 0.04]
  v = prox_elastic_net(w, l1 = 0.5, l2 = 2, lr = 0.1)
  assert close(v, [0.625, -0.20833333333333334, 0.0], 1e-6)
  for k in 0..3 {
    for j in 0..21 {
      other = j / 10 - 1
      assert 0.05 * abs(v[k]) + 0.1 * v[k]^2 + 0.5 * (v[k] - w[k])^2
          <= 0.05 * abs(other) + 0.1 * other^2 + 0.5 * (other - w[k])^2 + 1e-6
    }
  }
}
test "max_norm scales the rows that are too long and lets the others be" {
  w = [[3.0, 4.0], [0.6, 0.8], [0.0, 0.0]]
  assert close(max_norm(w, 2), [[1.2, 1.6], [0.6, 0.8], [0.0, 0.0]], 1e-12)
  assert all(max_norm(w, 5) == w)
}
test "max_norm and its gradient" {
  w = 1.5 * samples([4, 3], 1)
  y = max_norm(w, most = 1.5)
  assert close(y,
               [[-0.9234817211454381, 1.0135774988181638, 0.6081464992908983],
                [0.6878317890256364, 1.3131334154125784, -0.22927726300854545],
                [-1.0996992484737569, 0.7391421178266234, 0.7030864047619101],
                [1.1294574955898296, -0.3888296296292856, 0.9072691358016663]], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(grad(total, w),
               [[-0.35201344656437206, -0.02383593667102557, -0.4948123762571523],
                [-0.384901718971767, 0.27577611450754314, 0.42473986253699125],
                [-0.41092645314025267, -0.29754252846007745, -0.32992999935108286],
                [0.13776603668514892, 0.20511430887854404, -0.08359852553764602]], 1e-12)
}
test "max_norm of kernels is over all that enters a unit" {
  w = normal(0, 2, [3, 2, 4, 4])
  v = max_norm(w, 3)
  assert close(sum[c, i, j](v[u, c, i, j]^2), [9.0, 9.0, 9.0], 1e-4)
  assert close(v[1] / w[1], v[1, 0, 0, 0] / w[1, 0, 0, 0] * ones([2, 4, 4]), 1e-4)
}
test "nonnegative" {
  assert all(nonnegative([1.0, -2.0, 0.0]) == [1.0, 0.0, 0.0])
}
