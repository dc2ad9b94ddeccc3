"""`--dynamic NAME`: programs for a few sizes of a dimension compute any number of points, as one for that number does."""
import os
import sys

sys.dont_write_bytecode = True
from command import Case, TOP, main
import arrays
sys.path.insert(0, os.path.join(TOP, "tests", "oracles"))
from sequences import numbers

SIZES = (1, 2, 3, 7, 64, 65, 100, 128, 257)
CLASSIFIER = """import "std/nn"
import "std/pool"
import "std/loss"
import "std/optim"
model Classifier() {
  input x: f[Batch, 1, 8, 8]
  target y: i64[Batch]
  z = x |> conv2d(4, 3, padding = "same") |> batch_norm |> relu |> max_pool(2) |> flatten |> dense(5)
  output p = softmax(z)
  likely[n] = argmax[k](z[n, k])
  output class = likely
  loss l = mean(softmax_cross_entropy(z, y))
}
train { data = arrays("d.npz")  batch = 16  optimizer = sgd(lr = 0.1) }
"""
SEQUENCES = """import "std/nn"
model Sequences() {
  input x: f[T, Batch, 6]
  input lengths: i32[Batch]
  h = x |> lstm(8, lengths = lengths)
  g = x |> gru(7)
  output y = h
  output last = g[T - 1]
}
"""
BOTH = "fn products(a: f[B, 4], b: f[3, B], w: f[4, 3]) -> y, z, w2 { y[n] = sum[i, j](a[n, i] * w[i, j] * b[j, n])  z[i, j, n] = a[n, i] * b[j, n]  w2 = 2 * w }"


def reals(seed, *shape):
    count = 1
    for size in shape:
        count *= size
    return arrays.array(numbers(seed, count), "f64", shape)


class Dynamic(Case):
    def run_both(self, program, dim, arguments=(), **inputs):
        """The results of a program for just these arrays, and of one for any size."""
        self.write("m.dlm", program)
        arrays.write_npz(self.path("in.npz"), inputs)
        results = []
        for more in ((), ("--dynamic", dim)):
            self.dlc("run", "m.dlm", "--in", "in.npz", "--out", "out.npz", "--float", "f64", *arguments, *more)
            results.append(arrays.read_npz(self.path("out.npz")))
        one, any_size = results
        self.assertEqual(list(one), list(any_size))
        for name in one:
            self.assertEqual((one[name].dtype, one[name].shape), (any_size[name].dtype, any_size[name].shape), name)
            for a, b in zip(one[name].values, any_size[name].values):
                self.assertAlmostEqual(a, b, delta=1e-13, msg=name)

    def test_run_sequences(self):
        for size in SIZES:
            lengths = arrays.array([i % 6 for i in range(size)], "i32")
            self.run_both(SEQUENCES, "Batch", x=reals(size, 5, size, 6), lengths=lengths)

    def test_run_function(self):
        for size in SIZES:
            self.run_both(BOTH, "B=2,5", ("--call", "products"), a=reals(1, size, 4), b=reals(2, 3, size), w=reals(3, 4, 3))

    def test_predict(self):
        self.write("m.dlm", CLASSIFIER)
        arrays.write_npz(self.path("d.npz"), {"x": arrays.array(numbers(1, 64 * 64), "f32", (64, 1, 8, 8)),
                                              "y": arrays.array([i % 5 for i in range(64)], "i64")})
        self.dlc("train", "m.dlm", "--epochs", "1", "-q", "--out", "r")
        for size in SIZES:
            arrays.write_npz(self.path("in.npz"), {"x": arrays.array(numbers(size, size * 64), "f32", (size, 1, 8, 8))})
            self.dlc("predict", "m.dlm", "-w", "r", "--in", "in.npz", "-o", "one.npz", "--dim", f"Batch={size}")
            self.dlc("predict", "m.dlm", "-w", "r", "--in", "in.npz", "-o", "any.npz", "--dynamic", "Batch")
            one, any_size = arrays.read_npz(self.path("one.npz")), arrays.read_npz(self.path("any.npz"))
            self.assertEqual([(n, a.dtype, a.shape) for n, a in any_size.items()], [("class", "i32", (size,)), ("p", "f32", (size, 5))])
            self.assertEqual(any_size["class"], one["class"])
            for a, b in zip(any_size["p"].values, one["p"].values):
                self.assertAlmostEqual(a, b, delta=2e-6)

    def test_compiles_for_few_sizes(self):
        """Once the programs of the sizes are in the cache, no batch compiles anything."""
        def kernels():
            return {name for _, _, names in os.walk(self._cache.name) for name in names}
        self.write("m.dlm", SEQUENCES)
        known = None
        for size in (1, 9, 64, 2, 11, 77, 200, 1000):
            arrays.write_npz(self.path("in.npz"), {"x": reals(size, 5, size, 6), "lengths": arrays.array([3] * size, "i32")})
            self.dlc("run", "m.dlm", "--in", "in.npz", "--float", "f64", "--dynamic", "Batch=1,8,64")
            if size == 64:
                known = kernels()
            if known:
                self.assertEqual(kernels(), known, size)

    def test_points_that_meet(self):
        cases = {
            "m[k] = mean[n](x[n, k])  y[n, k] = x[n, k] - m[k]": "in `m` `B` is reduced",
            "y[n, k] = x[n, k] - x[0, k]": "reads another one",
            "y[n < B, k] = sum[m | m <= n](x[m, k])": "",
            "y[n, k] = x[n, k] + n": "a number depends on the place in `B`",
            "y = x + normal(0, 1, shape(x))": "random numbers are drawn by the place in `B`",
            "param w: f[B, 3] ~ ones  y = x * w": "`w`, which belongs to no point of `B`, is read at the place of one",
            "y = scan r in x with h = zeros([3]) { h = h + r  yield h }": "is the steps of a recurrence",
        }
        for equation, says in cases.items():
            self.write("m.dlm", "layer f(x: f[B, 3]) -> y { " + equation + " }")
            arrays.write_npz(self.path("in.npz"), {"x": reals(1, 4, 3)})
            self.error("run", "m.dlm", "--call", "f", "--in", "in.npz", "--dynamic", "B", exit=1, code="E0407", says=says)

    def test_sizes_that_matter(self):
        for equation in ("y = x / B", "if B > 100 { y = x } else { y = 2 * x }", "y[n, k] = x[n, k] * (if B == 7 then 2 else 1)"):
            self.write("m.dlm", "fn f(x: f[B, 3]) -> y { " + equation + " }")
            arrays.write_npz(self.path("in.npz"), {"x": reals(1, 7, 3)})
            self.error("run", "m.dlm", "--call", "f", "--in", "in.npz", "--dynamic", "B", exit=1, code="E0408", says="`B` = ")
        self.write("m.dlm", "fn f(x: f[2 * B, 3], z: f[B]) -> y { y = x }")
        self.error("run", "m.dlm", "--call", "f", "--in", "in.npz", "--dynamic", "B", exit=1)

    def test_wrong_use(self):
        self.write("m.dlm", "fn f(x: f[B, 3]) -> y { y = x }")
        arrays.write_npz(self.path("in.npz"), {"x": reals(1, 7, 3)})
        common = ("run", "m.dlm", "--call", "f", "--in", "in.npz", "--dynamic")
        self.error(*common, "C", exit=2, says="--dynamic C: no argument has a dimension of that name")
        for sizes in ("B=", "B=0", "B=1,", "B=x", "B=1 2"):
            self.error(*common, sizes, exit=2, says="sizes")
        self.error(*common, "B", "--train", exit=2)


main()
