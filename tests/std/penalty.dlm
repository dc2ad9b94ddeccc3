# Penalties.  Expected values: PyTorch 2.15 in float64.
import "samples"
import "std/penalty"
import "std/scalar"
test "l2_penalty" {
  w = samples([3, 4], 1)
  y = l2_penalty(w, 0.3)
  assert close(y, 0.845947265625, 1e-12)
  total = y
  assert close(grad(total, w),
               [[-0.19218749999999998, 0.2109375, 0.1265625, 0.1546875],
                [0.2953125, -0.0515625, -0.2859375, 0.19218749999999998],
                [0.1828125, 0.2859375, -0.0984375, 0.2296875]], 1e-12)
}
test "l1_penalty" {
  w = samples([3, 4], 1)
  y = l1_penalty(w, 0.3)
  assert close(y, 2.30625, 1e-12)
  total = y
  assert close(grad(total, w), [[-0.3, 0.3, 0.3, 0.3], [0.3, -0.3, -0.3, 0.3], [0.3, 0.3, -0.3, 0.3]], 1e-12)
}
test "elastic_net_penalty" {
  w = samples([3, 4], 1)
  y = elastic_net_penalty(w, alpha = 0.3, share = 0.25)
  assert close(y, 1.2110229492187499, 1e-12)
  total = y
  assert close(grad(total, w),
               [[-0.21914062499999998, 0.23320312499999996, 0.169921875, 0.19101562499999997],
                [0.29648437499999997, -0.11367187499999999, -0.289453125, 0.21914062499999998],
                [0.212109375, 0.289453125, -0.14882812499999998, 0.247265625]], 1e-12)
}
test "orthogonality_penalty" {
  w = samples([3, 2, 2], 1)
  y = orthogonality_penalty(w, alpha = 0.3)
  assert close(y, 2.3420565605163572, 1e-12)
  total = y
  assert close(grad(total, w),
               [[[-0.848419189453125, 1.077154541015625], [0.9069763183593749, 0.07542114257812493]],
                [[3.095233154296875, 0.4510803222656252], [-2.411480712890625, 1.6419250488281252]],
                [[1.7636901855468747, 1.3103576660156249], [-1.529351806640625, 2.178936767578125]]], 1e-12)
}
test "tie_penalty" {
  w = samples([3, 4], 1)
  v = samples([3, 4], 2)
  y = tie_penalty(w, v, alpha = 0.3)
  assert close(y, 1.7876953125, 1e-12)
  total = y
  assert close(grad(total, w),
               [[-0.103125, 0.49687499999999996, -0.103125, -0.103125],
                [0.49687499999999996, -0.103125, -0.103125, -0.103125],
                [-0.103125, 0.49687499999999996, -0.103125, 0.49687499999999996]], 1e-12)
  assert close(grad(total, v),
               [[0.103125, -0.49687499999999996, 0.103125, 0.103125],
                [-0.49687499999999996, 0.103125, 0.103125, 0.103125],
                [0.103125, -0.49687499999999996, 0.103125, -0.49687499999999996]], 1e-12)
}
test "sparsity_penalty" {
  h = 0.5 + 0.45 * samples([3, 4], 1)
  y = sparsity_penalty(h, rho = 0.1, alpha = 0.3)
  assert close(y, 0.8385196521089964, 1e-12)
  total = y
  assert close(grad(total, h),
               [[0.23652591921002045, 0.3106692044156833, 0.11615822164105917, 0.41240642337047784],
                [0.23652591921002045, 0.3106692044156833, 0.11615822164105917, 0.41240642337047784],
                [0.23652591921002045, 0.3106692044156833, 0.11615822164105917, 0.41240642337047784]], 1e-12)
}
test "gradients of penalties at 0" {
  z = [0.0, -2.0]
  assert all(grad(l2_penalty(z), z) == z)
  assert all(grad(l1_penalty(z), z) == [0, -1])
}
test "an orthogonal matrix has no penalty" {
  q = [[0.6, 0.8], [-0.8, 0.6]]
  assert close(orthogonality_penalty(q), 0, 1e-12)
  assert close(grad(orthogonality_penalty(q), q), zeros([2, 2]), 1e-12)
  # Its double has rows of length 2: (4 - 1)² twice.
  assert close(orthogonality_penalty(2 * q), 18, 1e-12)
}
test "activations of mean rho have no penalty" {
  h = [[0.1, 0.02], [0.3, 0.38]]
  assert close(sparsity_penalty(h, rho = 0.2), 0, 1e-12)
  assert close(grad(sparsity_penalty(h, rho = 0.2), h), zeros([2, 2]), 1e-12)
}
test "soft_shrink is the proximal map of l1_penalty" {
  x = [-2.0, -0.3, 0.0, 0.2, 1.5]
  # The least of |y - x|² / 2 + 0.5 |y| over a grid of 1 / 100.
  cost[n, i < 601] = 0.5 * ((i - 300) / 100 - x[n])^2 + 0.5 * abs((i - 300) / 100)
  best[n] = (argmin[i](cost[n, i]) - 300) / 100
  assert close(soft_shrink(x, 0.5), best, 1e-6)
}
