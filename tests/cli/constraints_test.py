"""What a recipe makes of weights after each update, step by step against the rule computed here in float64."""
import os
import sys

sys.dont_write_bytecode = True
from command import Case, TOP, main
import arrays
sys.path.insert(0, os.path.join(TOP, "tests", "oracles"))
from sequences import numbers

# Linear regression whose gradient is written down below: mean over examples of (w x - y)^2.
MODEL = """import "std/nn"
import "std/loss"
import "std/optim"
import "std/constrain"

fn halve_all(w: f[..], factor: float = 0.5) = factor * w
fn too_short(w: f[U, K]) -> y {
  y[u] = w[u, 0]
}

model Linear {
  input  x: f[Batch, 5]
  target y: f[Batch, 3]
  param weight: f[3, 5] ~ normal(0, 1)
  param bias: f[3] ~ normal(0, 1)
  out[b, u] = bias[u] + sum[k](x[b, k] * weight[u, k])
  loss squared_error = mean((out - y)^2)
}

train {
  batch     = 4
  optimizer = sgd(lr = 0.1)
}
"""
BATCH, INPUTS, UNITS, STEPS = 4, 5, 3, 40


def gradients(x, y, weight, bias):
    d = [[2 / (BATCH * UNITS) * (bias[u] + sum(x[b][k] * weight[u][k] for k in range(INPUTS)) - y[b][u]) for u in range(UNITS)] for b in range(BATCH)]
    return ([[sum(d[b][u] * x[b][k] for b in range(BATCH)) for k in range(INPUTS)] for u in range(UNITS)], [sum(d[b][u] for b in range(BATCH)) for u in range(UNITS)])


def soft(v, threshold):
    return max(abs(v) - threshold, 0) * (1 if v > 0 else -1)


class Constraints(Case):
    def setUp(self):
        super().setUp()
        self.write("m.dlm", MODEL)
        self.x = arrays.array(numbers(1, STEPS * BATCH * INPUTS), "f64", (STEPS, BATCH, INPUTS))
        self.y = arrays.array(numbers(2, STEPS * BATCH * UNITS), "f64", (STEPS, BATCH, UNITS))
        arrays.write_npz(self.path("b.npz"), {"x": self.x, "y": self.y})
        self.start = [numbers(3, UNITS * INPUTS), numbers(4, UNITS)]
        arrays.write_safetensors(self.path("w.safetensors"), {"weight": arrays.array(self.start[0], "f64", (UNITS, INPUTS)), "bias": arrays.array(self.start[1], "f64", (UNITS,))})

    def trained(self, constraint, steps, *more):
        """The weight and the bias after so many steps, flat."""
        self.dlc("train", "m.dlm", "--init", "w.safetensors", "--batches", "b.npz", "--float", "f64", "--steps", str(steps), "--save", "end.safetensors", "-q",
                 "--set", f"constrain={constraint}", *more)
        found = arrays.read_safetensors(self.path("end.safetensors"))[0]
        return list(found["weight"].values), list(found["bias"].values)

    def expected(self, rule, steps, rate=lambda t: 0.1):
        """Gradient descent with `rule(row, rate)` in each row's place after each step."""
        weight = [self.start[0][u * INPUTS:(u + 1) * INPUTS] for u in range(UNITS)]
        bias = list(self.start[1])
        for t in range(steps):
            x = [self.x.values[(t * BATCH + b) * INPUTS:(t * BATCH + b + 1) * INPUTS] for b in range(BATCH)]
            y = [self.y.values[(t * BATCH + b) * UNITS:(t * BATCH + b + 1) * UNITS] for b in range(BATCH)]
            gw, gb = gradients(x, y, weight, bias)
            weight = [rule([weight[u][k] - rate(t) * gw[u][k] for k in range(INPUTS)], rate(t)) for u in range(UNITS)]
            bias = [bias[u] - rate(t) * gb[u] for u in range(UNITS)]
        return [v for row in weight for v in row], bias

    def assert_close(self, found, expected):
        for ours, theirs in zip(found, expected):
            self.assertEqual(len(ours), len(theirs))
            for a, b in zip(ours, theirs):
                self.assertAlmostEqual(a, b, delta=1e-12)

    def test_proximal_l1_gives_exact_zeros(self):
        prox = lambda row, lr: [soft(v, lr * 0.1) for v in row]
        weight, bias = found = self.trained("prox_l1(0.1)", STEPS)
        self.assert_close(found, self.expected(prox, STEPS))
        self.assertGreater(weight.count(0), 3)
        self.assertLess(weight.count(0), UNITS * INPUTS)
        self.assertEqual(bias.count(0), 0)
        # The subgradient of the same penalty comes near 0 and never there.
        self.dlc("train", "m.dlm", "--init", "w.safetensors", "--batches", "b.npz", "--float", "f64", "--steps", str(STEPS), "--save", "sub.safetensors", "-q",
                 "--set", "regularize=l1_penalty(0.1)")
        self.assertEqual(list(arrays.read_safetensors(self.path("sub.safetensors"))[0]["weight"].values).count(0), 0)

    def test_the_rate_is_that_of_the_step(self):
        schedule = ["--set", "schedule=linear(steps = 10)"]
        rate = lambda t: 0.1 * (1 - min(t / 10, 1))
        prox = lambda row, lr: [soft(v, lr * 0.3) / (1 + lr * 2) for v in row]
        self.assert_close(self.trained("prox_elastic_net(l1 = 0.3, l2 = 2)", 14, *schedule), self.expected(prox, 14, rate))
        # A rate that is given is that one.
        prox = lambda row, lr: [soft(v, 0.5 * 0.3) for v in row]
        self.assert_close(self.trained("prox_l1(0.3, lr = 0.5)", 5, *schedule), self.expected(prox, 5, rate))

    def test_max_norm_holds_after_each_step(self):
        def shorten(row, lr):
            length = sum(v * v for v in row) ** 0.5
            return [v * min(1, 0.7 / length) for v in row]

        for steps in range(1, 8):
            found = self.trained("max_norm(0.7)", steps)
            self.assert_close(found, self.expected(shorten, steps))
            lengths = [sum(v * v for v in found[0][u * INPUTS:(u + 1) * INPUTS]) ** 0.5 for u in range(UNITS)]
            self.assertLessEqual(max(lengths), 0.7 * (1 + 1e-15))
        self.assertGreater(sum(v * v for v in self.expected(lambda row, lr: row, 1)[0]), 3 * 0.7**2, "without it they are longer")

    def test_parameters_by_path(self):
        plain = self.expected(lambda row, lr: row, 1)
        halved = [[v / 2 for v in part] for part in plain]
        self.assert_close(self.trained("halve_all()", 1), (halved[0], plain[1]))
        self.assert_close(self.trained('halve_all(parameters = "bi*s")', 1), (plain[0], halved[1]))
        self.assert_close(self.trained('halve_all(parameters = "*", factor = 0.5)', 1), halved)

    def test_mistakes(self):
        for constraint, code, words in [("3", "E0401", "`constrain` is a function of one weight"), ("max_nrm(3)", "E0401", "`constrain` is a function of one weight"),
                                        ('max_norm(parameters = "weights")', "E0401", "did you mean `weight`?"), ("too_short()", "E0219", "a tensor like it"),
                                        ("max_norm(most = 3, d = 4)", "E0211", "`d`")]:
            self.error("check", "m.dlm", "--set", f"constrain={constraint}", exit=1, code=code, says=words)
        self.error("check", "m.dlm", "--set", "constrain=max_norm()", "--set", "constrain.k=3", exit=1, code="E0413", says="`max_norm` has no parameter `k`")
        self.write("plain.dlm", MODEL.replace("sgd(lr = 0.1)", "plain()").replace("model Linear", "optimizer plain() {\n  w <- w - 0.1 * g\n}\n\nmodel Linear"))
        self.error("check", "plain.dlm", "--set", "constrain=prox_l1(0.1)", exit=1, code="E0401", says="the optimizer has no `lr`")


main()
