"""`initialize = lsuv()`: what every layer with a weight returns for the first batch has variance 1 (Mishkin & Matas 2016)."""
import os
import sys

sys.dont_write_bytecode = True
from command import Case, TOP, main
import arrays
sys.path.insert(0, os.path.join(TOP, "tests", "oracles"))
from sequences import numbers

LAYERS, UNITS, ROWS = 8, 12, 16
DEEP = """import "std/nn"
import "std/optim"
import "std/init"
layer narrow(x: f[N, K], units: int) -> y {
  param weight: f[units, K] ~ normal(0, 0.01)
  param bias:   f[units]    ~ uniform(-1, 1)
  y = linear(x, weight) + 0.3 * bias
}
layer unit(x: f[N, K]) = x |> narrow(12) |> relu
model Deep() {
  input  x: f[Batch, 12]
  target t: f[Batch]
  h = x |> repeat(8, unit())
  output y = h |> narrow(1)
  loss l = mean(sum(y) * t)
}
train { data = arrays("d.npz")  batch = 16  optimizer = sgd(lr = 0)  initialize = lsuv(tolerance = 0.001, steps = 20) }
"""


def variance(rows):
    values = [v for row in rows for v in row]
    mean = sum(values) / len(values)
    return sum((v - mean) ** 2 for v in values) / len(values)


class Lsuv(Case):
    def setUp(self):
        super().setUp()
        self.rows = [numbers(i, UNITS) for i in range(ROWS)]
        arrays.write_npz(self.path("d.npz"), {"x": arrays.array(self.rows, "f32"), "t": arrays.array([1.0] * ROWS, "f32")})
        self.write("m.dlm", DEEP)

    def variances(self, run):
        """What each layer returns, computed here from the parameters of a run; the batch is the whole set, in any order."""
        held, _ = arrays.read_safetensors(self.path(os.path.join(run, "last.safetensors")))
        found, h = [], self.rows
        for name in sorted((n for n in held if n.endswith("weight") and "/" not in n), key=lambda n: (not n.startswith("repeat"), n)):
            w, b = held[name], held[name[:-len("weight")] + "bias"]
            k = w.shape[1]
            z = [[sum(w.values[u * k + j] * row[j] for j in range(k)) + 0.3 * b.values[u] for u in range(w.shape[0])] for row in h]
            found.append(variance(z))
            h = [[max(v, 0.0) for v in row] for row in z]
        return found

    def test_unit_variance(self):
        self.write("plain.dlm", DEEP.replace("initialize = lsuv(tolerance = 0.001, steps = 20)", ""))
        self.dlc("train", "plain.dlm", "--steps", "1", "--out", "plain", "-q")
        self.dlc("train", "m.dlm", "--steps", "1", "--out", "scaled", "-q")
        before, after = self.variances("plain"), self.variances("scaled")
        self.assertEqual(len(after), LAYERS + 1)
        self.assertGreater(max(abs(v - 1) for v in before), 0.5)
        for v in after:
            self.assertLess(abs(v - 1), 0.001 + 1e-5)

    def test_what_is_said(self):
        said = self.dlc("train", "m.dlm", "--steps", "1", "--out", "r", "-v").stderr
        self.assertIn("lsuv: 9 weights scaled, variances from ", said)
        self.assertEqual(said.count(": variance "), 9)

    def test_only_at_the_beginning(self):
        self.dlc("train", "m.dlm", "--steps", "1", "--out", "r", "-q")
        first = arrays.read_safetensors(self.path("r/last.safetensors"))[0]
        self.assertNotIn("lsuv", self.dlc("train", "m.dlm", "--steps", "2", "--out", "r", "--resume").stderr)
        self.assertNotIn("lsuv", self.dlc("train", "m.dlm", "--steps", "1", "--out", "s", "--init", "r").stderr)
        self.assertEqual(arrays.read_safetensors(self.path("s/last.safetensors"))[0], first)

    def test_errors(self):
        train = ("train", "m.dlm", "--steps", "1", "--out", "r", "-q", "--set")
        self.error(*train, "initialize=lsuv(tolerance = 0)", exit=1, code="E0401", says="above 0")
        self.error(*train, "initialize=lsuv(steps = 0)", exit=1, code="E0401")
        self.error(*train, "initialize=lsuv(tol = 1)", exit=1, code="E0401", says="no argument `tol`")
        self.error(*train, "initialize=patience(epochs = 1)", exit=1, code="E0401", says="lsuv(")
        self.error("check", "m.dlm", "--set", "initialize=lsuv(tolerance = -1)", exit=1, code="E0401")
        self.write("m.dlm", DEEP.replace("h = x", "h = (0 * x)").replace("uniform(-1, 1)", "zeros"))
        self.error("train", "m.dlm", "--steps", "1", "--out", "r", "-q", exit=1, code="E0456", says="variance 0")
        self.assertFalse(os.path.exists(self.path("r/last.safetensors")))

    def test_one_step_is_not_enough(self):
        said = self.dlc("train", "m.dlm", "--steps", "1", "--out", "r", "--set", "initialize=lsuv(tolerance = 1e-5, steps = 1)").stderr
        self.assertIn("warning[E0456]", said)


main()
