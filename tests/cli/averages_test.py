"""Averages of parameters, and noise in their gradients."""
import math
import os
import sys

sys.dont_write_bytecode = True
from command import Case, TOP, main
import arrays
sys.path.insert(0, os.path.join(TOP, "tests", "oracles"))
from sequences import numbers

MODEL = """import "std/nn"
import "std/loss"
import "std/optim"
import "std/constrain"

model Line {
  input  x: f[Batch, 4]
  target y: f[Batch]
  estimate = x |> dense(6) |> tanh |> dense(1)
  value[b] = estimate[b, 0]
  output guess = value
  loss squared_error = mean((value - y)^2)
}

train {
  data       = arrays("data.npz")
  validation = holdout(0.25)
  batch      = 6
  optimizer  = sgd(lr = 0.3)
  epochs     = 5
}
"""
STEPS = 9

NOISE = """import "std/optim"

model Still {
  param w: f[60, 50] ~ zeros
  param other: f[7] ~ zeros
  loss nothing = 0 * sum(w) + 0 * sum(other)
}

train {
  optimizer      = sgd(lr = 1)
  gradient_noise = gaussian(0.3)
}
"""


class Averages(Case):
    def setUp(self):
        super().setUp()
        self.write("m.dlm", MODEL)
        arrays.write_npz(self.path("data.npz"), {"x": arrays.array(numbers(1, 48 * 4), "f32", (48, 4)), "y": arrays.array(numbers(2, 48), "f32", (48,)),
                                                 "test/x": arrays.array(numbers(3, 12 * 4), "f32", (12, 4)), "test/y": arrays.array(numbers(4, 12), "f32", (12,))})

    def kept(self, steps, *more):
        """What is kept after so many steps, by name."""
        self.dlc("train", "m.dlm", "--float", "f64", "--out", f"after{steps}", "--steps", str(steps), "--save", "end.safetensors", "-q", *more)
        return {name: list(array.values) for name, array in arrays.read_safetensors(self.path("end.safetensors"))[0].items()}

    def assert_average(self, setting, rule):
        """`rule` gives the average from the list of all values after each step so far."""
        passed = []
        for steps in range(1, STEPS + 1):
            found = self.kept(steps, "--set", f"average={setting}")
            passed.append(found["dense_1.weight"])
            expected = rule(passed)
            for k, value in enumerate(found["average/dense_1.weight"]):
                self.assertAlmostEqual(value, expected[k], delta=1e-13)
            self.assertIn("average/dense_2.bias", found)
        self.assertNotEqual(found["average/dense_1.weight"], found["dense_1.weight"])

    def test_exponential_moving_average(self):
        def ema(passed):
            average = passed[0]
            for values in passed[1:]:
                average = [0.9 * a + 0.1 * v for a, v in zip(average, values)]
            return average

        self.assert_average("ema(0.9)", ema)

    def test_polyak(self):
        def mean(passed):
            tail = passed[4:] or passed[-1:]
            return [sum(column) / len(tail) for column in zip(*tail)]

        self.assert_average("polyak(start = 4)", mean)

    def loss(self, parameters):
        """The squared error on the test set."""
        x, y = numbers(3, 12 * 4), numbers(4, 12)
        total = 0
        for b in range(12):
            h = [math.tanh(parameters["dense_1.bias"][u] + sum(parameters["dense_1.weight"][u * 4 + k] * x[b * 4 + k] for k in range(4))) for u in range(6)]
            total += (parameters["dense_2.bias"][0] + sum(w * v for w, v in zip(parameters["dense_2.weight"], h)) - y[b])**2 / 12
        return total

    def test_what_is_evaluated(self):
        self.dlc("train", "m.dlm", "--out", "run", "-q", "--set", "average=ema(0.9)", "--set", 'stop_early=patience(5, on="validation.squared_error")')
        for name in ("last", "best"):
            found = {k: list(a.values) for k, a in arrays.read_safetensors(self.path(f"run/{name}.safetensors"))[0].items()}
            averaged = {k: found["average/" + k] for k in found if "average/" + k in found}
            self.assertEqual(len(averaged), 4)
            self.assertNotAlmostEqual(self.loss(averaged), self.loss(found), 4)
            evaluate = ["eval", "m.dlm", "--weights", f"run/{name}.safetensors"]
            self.assertAlmostEqual(self.json(*evaluate)["values"]["squared_error"]["mean"], self.loss(averaged), 6)
            self.assertAlmostEqual(self.json(*evaluate, "--raw")["values"]["squared_error"]["mean"], self.loss(found), 6)
        # Validation in the run was that of the averages.
        validated = self.json("train", "m.dlm", "--out", "again", "--set", "average=ema(0.9)")["history"][-1]["validation"]["squared_error"]
        self.assertAlmostEqual(self.json("eval", "m.dlm", "--weights", "again", "--split", "validation")["values"]["squared_error"]["mean"], validated, 6)
        self.dlc("predict", "m.dlm", "--weights", "run", "--out", "a.csv")
        self.dlc("predict", "m.dlm", "--weights", "run", "--out", "b.csv", "--raw")
        self.assertNotEqual(self.read("a.csv"), self.read("b.csv"))
        # New runs begin with the parameters themselves.
        self.dlc("train", "m.dlm", "--init", "run/last.safetensors", "--steps", "0", "--save", "copy.safetensors", "-q")
        copy = arrays.read_safetensors(self.path("copy.safetensors"))[0]
        self.assertEqual(copy["dense_1.weight"].values, arrays.read_safetensors(self.path("run/last.safetensors"))[0]["dense_1.weight"].values)

    def test_resumed_with_everything(self):
        recipe = []
        for setting in ("average=ema(0.95)", "gradient_noise=gaussian(0.01)", "clip=norm(1)", "constrain=max_norm(1)", "optimizer=adam(lr=0.01)",
                        'schedule=plateau(on="validation.squared_error", patience=1, factor=0.5)', 'stop_early=patience(50, on="validation.squared_error")'):
            recipe += ["--set", setting]
        self.dlc("train", "m.dlm", "--out", "whole", "--epochs", "12", *recipe)
        for epochs in ("1", "5", "6", "12"):
            self.dlc("train", "m.dlm", "--out", "parts", "--epochs", epochs, "--resume", *recipe)
        for name in ("last", "best"):
            self.assertEqual(self.read(f"whole/{name}.safetensors", "rb"), self.read(f"parts/{name}.safetensors", "rb"))

    def test_mistakes(self):
        for setting in ("average=ema(1)", "average=ema(decya=0.9)", "average=polyak(0.5)", "average=swa(3)", "average=0.9", "average=ema(0.9, 0.8)", "gradient_noise=gaussian()",
                        "gradient_noise=gaussian(0.1, gamma=-1)", "gradient_noise=0.1"):
            self.error("check", "m.dlm", "--set", setting, exit=1, code="E0401", says=f"`{setting.split('=')[0]}` is `")

    def test_noise_is_normal_and_fades(self):
        self.write("n.dlm", NOISE)
        count = 60 * 50
        before = [0.0] * count
        for steps in range(1, 4):
            self.dlc("train", "n.dlm", "--float", "f64", "--steps", str(steps), "--save", "end.safetensors", "--out", f"noise{steps}", "-q")
            after = arrays.read_safetensors(self.path("end.safetensors"))[0]
            noise = [(b - a) / math.sqrt(0.3 / steps**0.55) for a, b in zip(before, after["w"].values)]
            before = list(after["w"].values)
            # Five standard errors of each moment.
            self.assertLess(abs(sum(noise) / count), 5 / math.sqrt(count))
            self.assertLess(abs(sum(v * v for v in noise) / count - 1), 5 * math.sqrt(2 / count))
            self.assertLess(abs(sum(v**4 for v in noise) / count - 3), 5 * math.sqrt(96 / count))
        self.assertNotEqual(before[:7], list(after["other"].values))
        self.dlc("train", "n.dlm", "--float", "f64", "--steps", "3", "--save", "same.safetensors", "--out", "same", "-q")
        self.dlc("train", "n.dlm", "--float", "f64", "--steps", "3", "--save", "seed.safetensors", "--out", "seed", "-q", "--seed", "2")
        self.assertEqual(list(arrays.read_safetensors(self.path("same.safetensors"))[0]["w"].values), before)
        self.assertNotEqual(list(arrays.read_safetensors(self.path("seed.safetensors"))[0]["w"].values), before)


main()
