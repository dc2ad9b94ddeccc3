"""`dlc grad`: the gradient as a program that compiles again, and its check against central differences."""
import os
import re
import sys

sys.dont_write_bytecode = True
from command import Case, TOP, main, model
import arrays
sys.path.insert(0, os.path.join(TOP, "tests", "oracles"))
from sequences import labels, numbers

MODELS = ["xor", "softmax_regression", "mlp", "lenet"]
RECURRENCE = """fn loss(xs: f[3, 2], h0: f[2], u: f[2, 2]) -> s {
  a, b = scan x in xs with h = h0, old = h0 {
    z[i] = tanh(sum[j](u[i, j] * h[j]) + x[i] * old[i])
    old = h
    h = z
    yield old, h
  }
  s = sum(a * b)
}
"""
CUBIC = 'fn f(x: f[3], y: f[3]) = sum[i](x[i]^3 * y[i])\n'


class Printed(Case):
    def test_parses_again(self):
        for name in MODELS:
            text = self.dlc("grad", model(name), "--dim", "Batch=4").stdout
            path = self.write(name + ".dlm", text)
            self.dlc("check", path)
            self.assertEqual(self.dlc("fmt", "--stdout", path).stdout, text)
            self.assertEqual(text, self.dlc("grad", model(name), "--dim", "Batch=4").stdout)

    def evaluate(self, file, call, given, *options):
        arrays.write_npz(self.path("in.npz"), given)
        self.dlc("run", file, "--call", call, "--in", "in.npz", "--out", "out.npz", "--float", "f64", *options)
        return arrays.read_npz(self.path("out.npz"))

    def compare(self, file, call, given, parameters, *options):
        """The printed program against `run --vjp`, both in f64."""
        expected = self.evaluate(file, call, given, "--vjp", "--train", *options)
        self.write("g.dlm", self.dlc("grad", file, "--dim", "Batch=3", *options).stdout)
        found = self.evaluate("g.dlm", "gradient", {name.replace(".", "_"): array for name, array in given.items()})
        for name in parameters:
            values, reference = found["grad_" + name.replace(".", "_")].values, expected["grad/" + name].values
            scale = max(map(abs, reference))
            self.assertGreater(scale, 0)
            self.assertEqual(len(values), len(reference))
            for a, b in zip(values, reference):
                self.assertLess(abs(a - b), 1e-12 * scale, name)

    def given(self, shapes):
        return {name: arrays.array(numbers(seed, count, 0.5), "f64", shape) for seed, (name, shape, count) in enumerate(
            [(n, s, self.count(s)) for n, s in shapes.items()], 1)}

    @staticmethod
    def count(shape):
        total = 1
        for size in shape:
            total *= size
        return total

    def test_computes_the_gradient_of_a_perceptron(self):
        shapes = {"dense_1.weight": (8, 2), "dense_1.bias": (8,), "dense_2.weight": (1, 8), "dense_2.bias": (1,)}
        self.compare(model("xor"), "Xor", {**self.given(shapes), "x": arrays.array(numbers(9, 6), "f64", (3, 2)), "y": [0.0, 1.0, 1.0]}, shapes)

    def test_computes_the_gradient_of_convolutions(self):
        shapes = {"conv2d_1.weight": (4, 1, 3, 3), "conv2d_1.bias": (4,), "conv2d_2.weight": (5, 4, 3, 3), "conv2d_2.bias": (5,), "dense_1.weight": (3, 20),
                  "dense_1.bias": (3,)}
        file = os.path.join(TOP, "tests", "oracles", "models", "convnet.dlm")
        self.compare(file, "Convnet", {**self.given(shapes), "x": arrays.array(numbers(9, 192), "f64", (3, 1, 8, 8)), "label": arrays.array([0, 2, 1], "i32")}, shapes)

    def test_with_dropout(self):
        shapes = {"dense_1.weight": (6, 784), "dense_1.bias": (6,), "dense_2.weight": (5, 6), "dense_2.bias": (5,), "dense_3.weight": (10, 5), "dense_3.bias": (10,)}
        text = self.dlc("grad", model("mlp"), "--dim", "Batch=3", "--set", "first=6", "--set", "second=5").stdout
        self.assertRegex(text, r"philox\(seed, step, \d+, ")
        given = {**self.given(shapes), "image": arrays.array(numbers(9, 3 * 784), "f64", (3, 28, 28)), "label": arrays.array(labels(3, 3, 10), "i32")}
        self.write("g.dlm", text)
        expected = self.evaluate(model("mlp"), "Mlp", given, "--vjp", "--train", "--seed", "7", "--set", "first=6", "--set", "second=5")
        found = self.evaluate("g.dlm", "gradient", {**{n.replace(".", "_"): a for n, a in given.items()}, "seed": 7, "step": 0})
        for a, b in zip(found["grad_dense_2_weight"].values, expected["grad/dense_2.weight"].values):
            self.assertLess(abs(a - b), 1e-13)

    def test_names_are_readable(self):
        text = self.dlc("grad", model("lenet"), "--dim", "Batch=4").stdout
        names = re.findall(r"^  (\w+)(?:\[| =)", text, re.M)
        self.assertIn("grad_conv2d_1_weight", names)
        self.assertEqual([n for n in names if re.fullmatch(r"v\d+", n)], [])

    def test_second_order(self):
        path = self.write("f.dlm", CUBIC)
        x, y = [1.0, 2.0, -1.5], [2.0, -1.0, 0.5]
        self.write("g.dlm", self.dlc("grad", path, "--call", "f", "--wrt", "x", "--order", "2").stdout)
        # Row sums of the Hessian, which is diagonal: 6 x y.
        self.assertEqual(self.evaluate("g.dlm", "gradient", {"x": x, "y": y})["grad_x"].values, [6 * a * b for a, b in zip(x, y)])
        self.write("h.dlm", self.dlc("grad", path, "--call", "f", "--wrt", "x", "--hvp").stdout)
        found = self.evaluate("h.dlm", "hessian_vector_product", {"x": x, "y": y, "direction_x": [1.0, 0.0, 2.0]})
        self.assertEqual(found["hvp_x"].values, [12, 0, -9])

    def test_recurrences(self):
        path = self.write("r.dlm", RECURRENCE)
        given = {"xs": [[0.5, -0.25], [1.0, 0.75], [-0.5, 0.125]], "h0": [0.1, -0.2], "u": [[0.3, -0.7], [0.9, 0.2]]}
        for options in ([], ["--order", "2"]):
            text = self.dlc("grad", path, "--call", "loss", "--float", "f64", *options).stdout
            self.assertIn("scan", text)
            self.assertEqual(self.dlc("fmt", "--stdout", self.write("g.dlm", text)).stdout, text)
            found = self.evaluate("g.dlm", "gradient", given)
            if not options:
                expected = self.evaluate(path, "loss", given, "--vjp")
                for name in given:
                    for a, b in zip(found["grad_" + name].values, expected["grad/" + name].values):
                        self.assertAlmostEqual(a, b, delta=1e-12)
        self.assertIn(" ok", self.dlc("grad", path, "--call", "loss", "--check").stdout)

    def test_nothing_to_differentiate(self):
        self.error("grad", self.write("f.dlm", "fn main(x: f[4]) = 2 * x\n"), exit=1, code="E0402")


class Checked(Case):
    def test_models(self):
        for name in MODELS:
            process = self.dlc("grad", "--check", model(name), "--dim", "Batch=3", "--samples", "4")
            self.assertNotIn("WRONG", process.stdout)
            self.assertIn("ok", process.stdout)

    def test_json(self):
        document = self.json("grad", "--check", model("xor"))
        self.assertEqual(document["schema"], "dlc.grad.check/1")
        self.assertEqual([leaf["name"] for leaf in document["leaves"]], ["dense_1.weight", "dense_1.bias", "dense_2.weight", "dense_2.bias"])
        for leaf in document["leaves"]:
            self.assertTrue(leaf["ok"])
            self.assertLess(leaf["worst"], 1e-7)

    def test_a_step_is_not_its_gradient(self):
        # The differences straddle the jump, which the gradient cannot see; exit 1 and the numbers of both sides.
        path = self.write("f.dlm", "fn f(x: f) = if x > x then 1 else x * 0 + stop_gradient(x)\n")
        process = self.dlc("grad", "--check", path, "--call", "f", exit=1)
        self.assertRegex(process.stdout, r"x +1 +\S+ +0 +0 +1\S* +WRONG")

    def test_a_kink_passes_beside_it(self):
        path = self.write("f.dlm", "fn f(x: f[6]) = sum[i](abs(x[i]))\n")
        self.dlc("grad", "--check", path, "--call", "f")


main()
