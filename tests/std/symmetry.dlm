# Equivariance under quarter turns and reflections.  No number comes from elsewhere: each law is checked for every element of the group.
import "samples"
import "std/conv"
import "std/symmetry"

## What element 4 flip + times does to maps on the group: it moves each and permutes them, map g becomes h applied to map h⁻¹ g.
fn _moved(y: f[N, C, G, H, W], flip: int, times: int) -> z {
  here = rotate(if flip == 1 then mirror(y) else y, times)
  z[n, c, p * 4 + r, i, j | p < G // 4, r < 4] =
      if flip == 0 then here[n, c, p * 4 + (r - times) % 4, i, j] else here[n, c, (1 - p) * 4 + (times - r) % 4, i, j]
}

test "rotate turns counter-clockwise, mirror exchanges left and right" {
  x = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
  assert all(rotate(x) == [[3.0, 6.0], [2.0, 5.0], [1.0, 4.0]])
  assert all(rotate(x, 2) == [[6.0, 5.0, 4.0], [3.0, 2.0, 1.0]])
  assert all(rotate(x, 3) == [[4.0, 1.0], [5.0, 2.0], [6.0, 3.0]])
  assert all(rotate(x, 4) == x)
  assert all(rotate(x, -1) == rotate(x, 3))
  assert all(mirror(x) == [[3.0, 2.0, 1.0], [6.0, 5.0, 4.0]])
}
test "an orbit holds the filter moved by every element" {
  w = samples([2, 3, 3], 1)
  y = orbit(w, "p4m")
  assert shape(y) == [2, 8, 3, 3]
  for r in 0..4 {
    assert all(y[:, r] == rotate(w, r))
    assert all(y[:, 4 + r] == rotate(mirror(w), r))
    assert all(orbit(w, "p4")[:, r] == rotate(w, r))
  }
}
test "the first map of a lifting convolution is the plain one" {
  x = samples([2, 2, 6, 5], 1)
  w = samples([3, 2, 3, 3], 2)
  b = samples([3], 3)
  for r in 0..4 {
    assert close(lifting_conv(x, w, b)[:, :, r], conv(x, rotate(w, r), b), 1e-12)
  }
}
test "lifting and group convolutions commute with the group p4" {
  x = samples([2, 2, 7, 7], 1)
  w = samples([3, 2, 3, 3], 2)
  v = samples([2, 3, 4, 3, 3], 3)
  b = samples([2], 4)
  y = lifting_conv(x, w, padding = "same")
  z = group_conv(y, v, b, padding = "same", stride = 2)
  assert shape(z) == [2, 2, 4, 4, 4]
  for r in 0..4 {
    there = lifting_conv(rotate(x, r), w, padding = "same")
    assert close(there, _moved(y, 0, r), 1e-12)
    assert close(group_conv(there, v, b, padding = "same", stride = 2), _moved(z, 0, r), 1e-12)
    # Pooled over the group the maps only move.
    assert close(group_max_pool(there), rotate(group_max_pool(y), r), 1e-12)
    assert close(group_avg_pool(there), rotate(group_avg_pool(y), r), 1e-12)
  }
}
test "lifting and group convolutions commute with the group p4m" {
  x = samples([1, 2, 6, 6], 1)
  w = samples([2, 2, 4, 4], 2)
  v = samples([2, 2, 8, 3, 3], 3)
  b = samples([2], 4)
  y = lifting_conv(x, w, b, group = "p4m", pad = 1)
  z = group_conv(y, v, b, group = "p4m")
  assert shape(z) == [1, 2, 8, 3, 3]
  for flip in 0..2 {
    for r in 0..4 {
      moved = rotate(if flip == 1 then mirror(x) else x, r)
      there = lifting_conv(moved, w, b, group = "p4m", pad = 1)
      assert close(there, _moved(y, flip, r), 1e-12)
      assert close(group_conv(there, v, b, group = "p4m"), _moved(z, flip, r), 1e-12)
    }
  }
}
test "images that are not square turn too" {
  x = samples([1, 2, 5, 8], 1)
  w = samples([2, 2, 3, 3], 2)
  assert close(lifting_conv(rotate(x), w), _moved(lifting_conv(x, w), 0, 1), 1e-12)
}
test "what is pooled over the group and all positions does not change" {
  x = samples([2, 2, 7, 7], 1)
  w = samples([3, 2, 3, 3], 2)
  v = samples([2, 3, 8, 3, 3], 3)
  pooled = group_max_pool(group_conv(max(lifting_conv(x, w, group = "p4m"), 0), v, group = "p4m"))
  y[n, c] = max[i, j](pooled[n, c, i, j])
  there = group_max_pool(group_conv(max(lifting_conv(rotate(mirror(x), 3), w, group = "p4m"), 0), v, group = "p4m"))
  z[n, c] = max[i, j](there[n, c, i, j])
  assert close(y, z, 1e-12)
  # A plain convolution is not invariant.
  assert not all(abs(conv(rotate(x), w) - rotate(conv(x, w))) < 1e-3)
}
test "a group convolution is the sum over elements of plain ones" {
  # Cohen & Welling 2016, equation 11, written out for p4.
  y = samples([1, 1, 4, 5, 5], 1)
  v = samples([1, 1, 4, 3, 3], 3)
  z = group_conv(y, v)
  for r in 0..4 {
    turned = rotate(v, r)
    expected = conv(y[:, :, 0], turned[:, :, (0 - r) % 4]) + conv(y[:, :, 1], turned[:, :, (1 - r) % 4])
        + conv(y[:, :, 2], turned[:, :, (2 - r) % 4]) + conv(y[:, :, 3], turned[:, :, (3 - r) % 4])
    assert close(z[:, :, r], expected, 1e-12)
  }
}
