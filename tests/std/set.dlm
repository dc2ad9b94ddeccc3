# Sets.  Expected values: the definitions written out.  Layers against differences are in `tests/cli/layers_test.py`.
import "samples"
import "std/nn"
import "std/set"

fn _mask() = [[1, 0, 1], [1, 1, 1]] == 1
## The elements of both sets in the order 2, 0, 1.
fn _turned(x: f[N, 3, K]) -> y {
  order = [2, 0, 1]
  y[n, m < 3, k] = x[n, order[m], k]
}
fn _turned_mask() = [[1, 1, 0], [1, 1, 1]] == 1

test "set_pool" {
  x = [[[1.0, -1.0], [9.0, 9.0], [3.0, -2.0]], [[1.0, 2.0], [4.0, 0.0], [1.0, 1.0]]]
  assert all(set_pool(x, _mask()) == [[4.0, -3.0], [6.0, 3.0]])
  assert close(set_pool(x, _mask(), "mean"), [[2.0, -1.5], [2.0, 1.0]], 1e-15)
  assert all(set_pool(x, _mask(), "max") == [[3.0, -1.0], [4.0, 2.0]])
  assert all(set_pool(x) == [[13.0, 6.0], [6.0, 3.0]])
  none = [[0, 0, 0], [1, 1, 1]] == 1
  assert all(set_pool(x, none, "max")[0] == 0) and all(set_pool(x, none, "mean")[0] == 0)
  g = grad(sum(set_pool(x, _mask(), "max")), x)
  assert all(g == [[[0.0, 1.0], [0.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]])
  # Sums of these samples are exact, so the order leaves no trace at all.
  s = samples([2, 3, 4], 1)
  assert all(set_pool(_turned(s), _turned_mask()) == set_pool(s, _mask()))
}
test "set_equivariant turns with the set" {
  x = samples([2, 3, 4], 1)
  shared a = set_equivariant(5)
  shared b = set_equivariant(5, how = "max")
  assert close(a(_turned(x), mask = _turned_mask()), _turned(a(x, mask = _mask())), 1e-14)
  assert all(b(_turned(x), mask = _turned_mask()) == _turned(b(x, mask = _mask())))
}
test "functions of sets do not see the order, nor what the mask leaves out" {
  x = samples([2, 3, 4], 1)
  other[n, m, k] = if n == 0 and m == 1 then 7.0 else x[n, m, k]
  shared a = deep_sets([6, 5], [4, 2])
  shared b = deep_sets([6], [2], how = "max")
  shared c = set_attention_pool(2, seeds = 2)
  assert close(a(_turned(x), mask = _turned_mask()), a(x, mask = _mask()), 1e-13)
  assert all(b(_turned(x), mask = _turned_mask()) == b(x, mask = _mask()))
  assert close(c(_turned(x), mask = _turned_mask()), c(x, mask = _mask()), 1e-13)
  assert close(a(other, mask = _mask()), a(x, mask = _mask()), 1e-14)
  assert close(b(other, mask = _mask()), b(x, mask = _mask()), 1e-14)
  assert close(c(other, mask = _mask()), c(x, mask = _mask()), 1e-14)
  assert shape(c(x)) == [2, 2, 4]
}
