# Pooling and its inverses.  Expected values: PyTorch 2.15 in float64, where no other origin is named.
import "samples"
import "std/pool"
test "max_pool" {
  x = samples([1, 2, 4, 4], 1)
  y = max_pool(x, [2, 2])
  assert shape(y) == [1, 2, 2, 2]
  assert close(reshape(y, [-1]), [0.984375, 0.640625, 0.953125, 0.890625, 0.328125, 0.921875, 0.734375, 0.796875],
               1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(sum(samples(shape(x), 2) * grad(total, x)), 0.640625, 1e-12)
}
test "max_pool drops a rest" {
  x = samples([2, 1, 5, 3], 1)
  y = max_pool(x, [2, 2])
  assert shape(y) == [2, 1, 2, 1]
  assert close(reshape(y, [-1]), [0.984375, 0.953125, 0.921875, 0.328125], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(sum(samples(shape(x), 2) * grad(total, x)), 0.42578125, 1e-12)
}
test "max_pool with overlapping windows" {
  x = samples([1, 1, 5, 5], 1)
  y = max_pool(x, [3, 3], stride = [1, 1])
  assert shape(y) == [1, 1, 3, 3]
  assert close(reshape(y, [-1]),
               [0.765625, 0.765625, 0.984375, 0.890625, 0.921875, 0.953125, 0.890625, 0.921875, 0.921875], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(sum(samples(shape(x), 2) * grad(total, x)), 2.370361328125, 1e-12)
}
test "max_pool with overlap and padding" {
  x = samples([1, 2, 5, 4], 1)
  y = max_pool(x, [3, 2], stride = [2, 1], pad = [1, 1])
  assert shape(y) == [1, 2, 3, 5]
  assert close(reshape(y, [-1]),
               [0.984375, 0.984375, 0.703125, 0.640625, 0.640625, 0.984375, 0.984375, 0.953125, 0.890625, 0.890625,
                0.234375, 0.234375, 0.921875, 0.921875, 0.890625, -0.515625, 0.328125, 0.328125, 0.171875, -0.734375,
                0.734375, 0.734375, 0.796875, 0.796875, -0.484375, 0.359375, 0.828125, 0.828125, 0.046875, -0.359375],
               1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(sum(samples(shape(x), 2) * grad(total, x)), 0.3857421875, 1e-12)
}
test "max_pool with dilation" {
  x = samples([1, 1, 7], 1)
  y = max_pool(x, [3], stride = [1], pad = [1], dilation = 2)
  assert shape(y) == [1, 1, 5]
  assert close(reshape(y, [-1]), [0.703125, 0.984375, 0.703125, 0.984375, 0.515625], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(reshape(grad(total, x), [-1]), [0.0, -0.71875, 0.0, -0.265625, -1.28125, 0.0, 0.0], 1e-12)
}
test "max_pool in three dimensions" {
  x = samples([1, 1, 2, 4, 3], 1)
  y = max_pool(x, [2, 2, 1])
  assert shape(y) == [1, 1, 1, 2, 3]
  assert close(reshape(y, [-1]), [0.890625, 0.984375, 0.421875, 0.953125, 0.640625, 0.765625], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(reshape(grad(total, x), [-1]),
               [0.0, 0.0, -0.828125, 0.0, -0.546875, 0.0, 0.0, -0.265625, 0.0, -0.734375, 0.0, 0.578125, 0.0, 0.0, 0.0,
                0.109375, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], 1e-12)
}
test "avg_pool" {
  x = samples([1, 2, 4, 4], 1)
  y = avg_pool(x, [2, 2])
  assert shape(y) == [1, 2, 2, 2]
  assert close(reshape(y, [-1]), [0.21875, 0.15625, 0.46875, 0.40625, -0.28125, -0.34375, -0.03125, -0.09375], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(sum(samples(shape(x), 2) * grad(total, x)), -0.51171875, 1e-12)
}
test "avg_pool with overlap and padding" {
  x = samples([1, 2, 5, 4], 1)
  y = avg_pool(x, [3, 2], stride = [2, 1], pad = [1, 1])
  assert shape(y) == [1, 2, 3, 5]
  assert close(reshape(y, [-1]),
               [0.057291666666666664, 0.14583333333333334, 0.0, 0.10416666666666667, 0.19270833333333334, 0.3046875,
                0.4479166666666667, -0.020833333333333332, 0.21875, 0.3828125, 0.015625, -0.10416666666666667,
                0.08333333333333333, 0.1875, -0.015625, -0.234375, -0.2708333333333333, -0.08333333333333333, -0.3125,
                -0.265625, 0.033854166666666664, -0.010416666666666666, 0.020833333333333332, -0.23958333333333334,
                -0.3046875, 0.057291666666666664, 0.14583333333333334, 0.0, -0.22916666666666666, -0.140625], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(sum(samples(shape(x), 2) * grad(total, x)), 0.24153645833333334, 1e-12)
}
test "avg_pool in one dimension" {
  x = samples([2, 1, 7], 1)
  y = avg_pool(x, [3], stride = [2], pad = [1])
  assert shape(y) == [2, 1, 4]
  assert close(reshape(y, [-1]),
               [0.020833333333333332, 0.546875, 0.4427083333333333, -0.375, 0.4166666666666667, 0.4114583333333333,
                0.22395833333333334, 0.10416666666666667], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(reshape(grad(total, x), [-1]),
               [0.036458333333333336, -0.14583333333333331, -0.18229166666666666, -0.45833333333333337,
                -0.2760416666666667, -0.5208333333333334, -0.24479166666666666, -0.08854166666666667,
                0.10416666666666667, 0.19270833333333334, 0.125, -0.06770833333333333, -0.2708333333333333, -0.203125],
               1e-12)
}
test "avg_pool over what exists" {
  x = samples([1, 2, 4, 4], 1)
  y = avg_pool(x, [2, 2], inside = true)
  assert shape(y) == [1, 2, 2, 2]
  assert close(reshape(y, [-1]), [0.21875, 0.15625, 0.46875, 0.40625, -0.28125, -0.34375, -0.03125, -0.09375], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(sum(samples(shape(x), 2) * grad(total, x)), -0.51171875, 1e-12)
}
test "avg_pool with overlap and padding over what exists" {
  x = samples([1, 2, 5, 4], 1)
  y = avg_pool(x, [3, 2], stride = [2, 1], pad = [1, 1], inside = true)
  assert shape(y) == [1, 2, 3, 5]
  assert close(reshape(y, [-1]),
               [0.171875, 0.21875, 0.0, 0.15625, 0.578125, 0.609375, 0.4479166666666667, -0.020833333333333332, 0.21875,
                0.765625, 0.046875, -0.15625, 0.125, 0.28125, -0.046875, -0.703125, -0.40625, -0.125, -0.46875,
                -0.796875, 0.06770833333333333, -0.010416666666666666, 0.020833333333333332, -0.23958333333333334,
                -0.609375, 0.171875, 0.21875, 0.0, -0.34375, -0.421875], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(sum(samples(shape(x), 2) * grad(total, x)), 0.8385416666666665, 1e-12)
}
test "avg_pool in one dimension over what exists" {
  x = samples([2, 1, 7], 1)
  y = avg_pool(x, [3], stride = [2], pad = [1], inside = true)
  assert shape(y) == [2, 1, 4]
  assert close(reshape(y, [-1]),
               [0.03125, 0.546875, 0.4427083333333333, -0.5625, 0.625, 0.4114583333333333, 0.22395833333333334,
                0.15625], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(reshape(grad(total, x), [-1]),
               [0.0546875, -0.12760416666666666, -0.18229166666666666, -0.45833333333333337, -0.2760416666666667,
                -0.6432291666666667, -0.3671875, -0.1328125, 0.05989583333333334, 0.19270833333333334, 0.125,
                -0.06770833333333333, -0.3723958333333333, -0.3046875], 1e-12)
}
test "global_avg_pool" {
  x = samples([2, 3, 2, 3], 1)
  y = global_avg_pool(x)
  assert shape(y) == [2, 3]
  assert close(reshape(y, [-1]),
               [0.3020833333333333, 0.28125, 0.09375, -0.2604166666666667, -0.11458333333333333, -0.13541666666666666],
               1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(sum(samples(shape(x), 2) * grad(total, x)), 0.07324218749999997, 1e-12)
}
test "global_max_pool" {
  x = samples([2, 3, 2, 3], 1)
  y = global_max_pool(x)
  assert shape(y) == [2, 3]
  assert close(reshape(y, [-1]), [0.984375, 0.953125, 0.890625, 0.921875, 0.734375, 0.796875], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(sum(samples(shape(x), 2) * grad(total, x)), 1.232421875, 1e-12)
}
test "max_pool gives a tie to the first element" {
  x = [[[1.0, 1.0, 1.0, 0.0]]]
  assert all(max_pool(x, [2]) == [[[1, 1]]])
  assert all(grad(sum(max_pool(x, [2])), x) == [[[1, 0, 1, 0]]])
  assert all(grad(sum(max_pool(x, [2], stride = 1)), x) == [[[1, 1, 1, 0]]])
  assert all(grad(sum(global_max_pool(x)), x) == [[[1, 0, 0, 0]]])
}
test "padding never wins" {
  x = [[[-3.0, -2.0]]]
  assert all(max_pool(x, [2], stride = [2], pad = [1]) == [[[-3, -2]]])
}
test "lp_pool with p = 2" {
  x = samples([1, 2, 4, 6], 1)
  y = lp_pool(x, [2, 3])
  assert shape(y) == [1, 2, 2, 2]
  assert close(reshape(y, [-1]),
               [1.6652174689060886, 1.6931329595604712, 1.494619255446015, 1.5809844144551204, 1.5024394226557023,
                1.438688367489638, 1.3344518420497609, 1.2806782260778857], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(sum(samples(shape(x), 2) * grad(total, x)), 0.08610312251337504, 1e-12)
}
test "lp_pool with p = 3, overlap and padding, by its definition" {
  x = samples([1, 2, 4, 5], 1)
  y = lp_pool(x, [3, 2], stride = [1, 2], pad = [1, 0], p = 3)
  assert shape(y) == [1, 2, 4, 2]
  assert close(reshape(y, [-1]),
               [1.139980557964211, 0.8884829769476301, 1.252653866813624, 0.8940853632483416, 1.2732811465105034,
                1.214642442381618, 1.0606947430226803, 1.0921852625272845, 0.6986703974259564, 1.1497323983768495,
                1.023877534976618, 1.1677503140586123, 1.0048390136248555, 1.1273340815098674, 0.9457631807038065,
                0.8620440435110699], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(reshape(grad(total, x), [-1]),
               [0.1820508578763211, -0.21930576275999417, -0.2868020620468409, -0.42843270997120675, 0.0,
                0.017944200552670788, 0.551821241789157, -0.5005191996569558, -0.45287906167651976, 0.0,
                0.09389990360115014, -0.5112328084951507, -0.0570006223036206, -0.006333402478180067, 0.0,
                -0.27316977543526216, 0.0068103268114054274, 0.07556226320955092, -0.10112735033927212, 0.0,
                0.2419279357174181, -0.09797081694341726, 0.1190441738145428, 0.42819099380379544, 0.0,
                -0.019429447597837157, 0.0019191535994598288, -0.03873434314766794, 0.03873434314766794, 0.0,
                0.1979750687009093, -0.11577088792544515, -0.024176412829016357, 0.01649845941639868, 0.0,
                0.02127072047058315, 2.213394429821349e-05, 0.11522068274428954, 0.0003691655908503403, 0.0], 1e-12)
}
test "adaptive_avg_pool" {
  x = samples([1, 2, 7, 5], 1)
  y = adaptive_avg_pool(x, [3, 4])
  assert shape(y) == [1, 2, 3, 4]
  assert close(reshape(y, [-1]),
               [-0.10416666666666667, 0.3020833333333333, 0.4166666666666667, 0.5729166666666666, 0.16666666666666666,
                -0.010416666666666666, -0.14583333333333334, -0.23958333333333334, -0.0625, -0.15625,
                -0.20833333333333334, -0.21875, -0.4270833333333333, 0.10416666666666667, 0.34375,
                -0.041666666666666664, -0.23958333333333334, 0.041666666666666664, 0.03125, 0.0625, 0.11458333333333333,
                0.14583333333333334, 0.21875, 0.0], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(sum(samples(shape(x), 2) * grad(total, x)), -0.9394531250000001, 1e-12)
}
test "adaptive_avg_pool to more elements than there are" {
  x = samples([2, 2, 3], 1)
  y = adaptive_avg_pool(x, 5)
  assert shape(y) == [2, 2, 5]
  assert close(reshape(y, [-1]),
               [-0.640625, 0.03125, 0.703125, 0.5625, 0.421875, 0.515625, 0.75, 0.984375, 0.40625, -0.171875, -0.953125,
                -0.15625, 0.640625, 0.625, 0.609375, 0.953125, 0.3125, -0.328125, 0.21875, 0.765625], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(reshape(grad(total, x), [-1]),
               [-0.1640625, -1.46875, -0.6328125, 0.4765625, -1.03125, -0.6171875, 0.1796875, 1.15625, -0.5390625,
                -0.0546875, 0.09375, -0.3984375], 1e-12)
}
test "adaptive_avg_pool in three dimensions" {
  x = samples([1, 1, 4, 5, 3], 1)
  y = adaptive_avg_pool(x, [2, 3, 2])
  assert shape(y) == [1, 1, 2, 3, 2]
  assert close(reshape(y, [-1]),
               [0.28125, -0.0625, 0.015625, -0.057291666666666664, -0.0625, 0.21875, -0.15625, -0.25,
                0.11979166666666667, -0.036458333333333336, 0.0, -0.21875], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(sum(samples(shape(x), 2) * grad(total, x)), 0.18391927083333334, 1e-12)
}
test "adaptive_max_pool" {
  x = samples([1, 2, 7, 5], 1)
  y = adaptive_max_pool(x, [3, 4])
  assert shape(y) == [1, 2, 3, 4]
  assert close(reshape(y, [-1]),
               [0.765625, 0.765625, 0.640625, 0.984375, 0.890625, 0.765625, 0.921875, 0.921875, 0.796875, 0.359375,
                0.734375, 0.734375, -0.015625, 0.828125, 0.859375, 0.859375, 0.140625, 0.484375, 0.859375, 0.859375,
                0.703125, 0.515625, 0.984375, 0.984375], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(sum(samples(shape(x), 2) * grad(total, x)), 0.99853515625, 1e-12)
}
test "global_lp_pool, by its definition" {
  x = samples([2, 2, 3, 2], 1)
  y = global_lp_pool(x, p = 3)
  assert shape(y) == [2, 2]
  assert close(reshape(y, [-1]), [1.212288424706921, 1.393343847616901, 1.0785875456980065, 1.3816370534430211], 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(reshape(grad(total, x), [-1]),
               [-0.030543156305458025, 0.03679351071894854, 0.013245663858821475, 0.019786732431078993,
                0.07211528100913914, -0.0021985258256754436, 0.2559005291045521, -0.11560569455112928,
                -0.10460217811556671, -0.2559005291045521, 0.030328442175519343, -0.16512151851116086,
                -0.03910278258864667, -0.004344753620960741, -0.0627382422866731, -0.5646441805800579,
                0.014077001731912802, 0.45202816672475554, -0.32694448472153453, 0.37277870148226677,
                0.10228168453368316, -0.041419855720251864, 0.07898888585199958, 0.28411579037134216], 1e-12)
}
test "channel_max_pool, by its definition" {
  x = samples([2, 6, 2], 1)
  y = channel_max_pool(x, 3)
  assert shape(y) == [2, 2, 2]
  assert close(reshape(y, [-1]), [0.984375, 0.703125, 0.609375, 0.953125, 0.296875, 0.890625, 0.921875, 0.328125],
               1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(reshape(grad(total, x), [-1]),
               [0.0, -0.546875, 0.0, -0.0, 0.109375, -0.0, -0.0, -0.0, -0.828125, -0.734375, -0.0, -0.0, -0.0, 0.0,
                -0.265625, 0.578125, -0.0, 0.0, -0.203125, -0.0, -0.0, -0.609375, -0.0, -0.0], 1e-12)
}
test "upsample" {
  x = samples([1, 2, 2, 3], 1)
  y = upsample(x, [2, 3])
  assert shape(y) == [1, 2, 4, 9]
  assert close(sum(y * samples(shape(y), 8)), 1.51171875, 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(reshape(grad(total, x), [-1]),
               [-1.625, 0.4375, -1.25, -1.5, -1.9375, 1.875, 1.625, 2.6875, 0.0, -0.25, -3.6875, 1.125], 1e-12)
}
test "expected_pool, by its definition" {
  x = samples([1, 2, 5, 6], 1)
  y = expected_pool(x, [3, 2], stride = [1, 2])
  assert shape(y) == [1, 2, 3, 3]
  assert close(reshape(y, [-1]),
               [0.5831367924528302, 0.7064353813559322, 0.888671875, 0.7046875, 0.7370717005076142, 0.765625,
                0.7379351265822784, 0.6035879629629629, 0.6655505952380952, 0.7715773809523809, 0.3233173076923077, 0.0,
                0.7480945121951219, 0.0390625, 0.484375, 0.6400201612903226, 0.3762668918918919, 0.4069010416666667],
               1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(sum(samples(shape(x), 2) * grad(total, x)), 0.719537843563522, 1e-12)
}
test "max_positions with overlap and padding" {
  x = samples([1, 2, 5, 6], 1)
  p = max_positions(x, [2, 3], stride = 2, pad = 1)
  assert shape(p) == [1, 2, 3, 3]
  assert all(reshape(p, [-1]) == [1, 1, 4, 7, 9, 9, 18, 21, 28, 0, 2, 3, 7, 7, 11, 18, 27, 22])
}
test "max_unpool" {
  x = samples([1, 2, 5, 6], 1)
  y = max_unpool(max_pool(x, [2, 3]), max_positions(x, [2, 3]), [5, 6], [2, 3])
  assert shape(y) == [1, 2, 5, 6]
  assert close(sum(y * samples(shape(y), 8)), -3.322265625, 1e-12)
  total = sum(y * samples(shape(y), 9))
  assert close(sum(samples(shape(x), 2) * grad(total, x)), 1.451171875, 1e-12)
}
test "windows that share the space evenly are those of avg_pool and max_pool" {
  x = samples([2, 3, 6, 8], 1)
  assert close(adaptive_avg_pool(x, [3, 2]), avg_pool(x, [2, 4]), 1e-12)
  assert all(adaptive_max_pool(x, [3, 2]) == max_pool(x, [2, 4]))
  assert close(adaptive_avg_pool(x, 1)[:, :, 0, 0], global_avg_pool(x), 1e-12)
}
test "lp_pool lies between the mean and the maximum, without overflow" {
  x = abs(samples([1, 2, 6, 6], 1))
  assert close(lp_pool(x, 2, p = 1), 4 * avg_pool(x, 2), 1e-12)
  assert close(lp_pool(x, 2, p = 1000), max_pool(x, 2), 2e-3)
  assert close(lp_pool(1e30 * x, 2, p = 8) / 1e30, lp_pool(x, 2, p = 8), 1e-12)
}
test "lp_pool over zeros is 0 with gradient 0" {
  x = zeros([1, 1, 4])
  y = lp_pool(x, 2)
  assert all(y == 0)
  assert all(grad(sum(y), x) == 0)
}
test "max_unpool puts every maximum back" {
  x = samples([2, 3, 6, 6], 1)
  y = max_pool(x, 2)
  z = max_unpool(y, max_positions(x, 2), [6, 6], 2)
  assert all(z == x or z == 0)
  assert close(sum(z), sum(y), 1e-12)
  # It is the adjoint of max_pool where it stands: what the gradient sends back.
  assert all(
      max_unpool(samples(shape(y), 9), max_positions(x, 2), [6, 6], 2)
      == grad(sum(max_pool(x, 2) * samples(shape(y), 9)), x))
}
test "max_unpool adds where windows share a maximum" {
  x = [[[0.0, 5.0, 1.0]]]
  y = max_pool(x, 2, stride = 1)
  assert all(max_unpool(y, max_positions(x, 2, stride = 1), [3], 2, stride = 1) == [[[0.0, 10.0, 0.0]]])
}
test "avg_pool takes back upsample" {
  x = samples([2, 3, 3, 4], 1)
  assert close(avg_pool(upsample(x, [2, 3]), [2, 3]), x, 1e-12)
}
test "sampled_pool draws in proportion to the activation" {
  # Windows of 0, 1, 2, 3 and a negative one: probabilities 0, 1/6, 1/3, 1/2, 0; five standard deviations of 20000 draws are 0.018.
  x[n < 20000, c < 1, i < 5] = if i == 4 then -1.0 else 1.0 * i
  y = sampled_pool(x, 5)
  assert close([mean(y == 1), mean(y == 2), mean(y == 3)], [1 / 6, 1 / 3, 1 / 2], 0.018)
  assert not any(y <= 0)
}
test "sampled_pool gives one element of each window and its gradient to that one" {
  x = samples([2, 3, 5, 6], 1)
  y = sampled_pool(x, [3, 2], stride = [2, 2], pad = [1, 0])
  w = samples(shape(y), 9)
  g = grad(sum(w * y), x)
  # Where the window of output (i, j) is, and what it gave.
  for i in 0..3 {
    for j in 0..3 {
      inside[n, c] = any[a < 3, b < 2](max(x[n, c, i * 2 + a - 1, j * 2 + b else -1], 0) == y[n, c, i, j])
      assert all(inside or y[:, :, i, j] == 0)
    }
  }
  # Euler: the result is homogeneous of degree one in x for fixed draws.
  assert close(sum(g * x), sum(w * y), 1e-12)
}
test "a window without activation pools to 0" {
  x = -abs(samples([1, 2, 4], 1))
  assert all(sampled_pool(x, 2) == 0)
  assert all(expected_pool(x, 2) == 0)
  assert all(grad(sum(expected_pool(x, 2)), x) == 0)
}
test "an empty batch" {
  x = zeros([0, 2, 4, 4])
  assert shape(max_pool(x, [2, 2])) == [0, 2, 2, 2]
  assert shape(global_avg_pool(x)) == [0, 2]
  assert shape(adaptive_max_pool(x, 3)) == [0, 2, 3, 3]
  assert shape(upsample(x, 2)) == [0, 2, 8, 8]
}
