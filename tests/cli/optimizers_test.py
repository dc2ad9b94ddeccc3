#!/usr/bin/env python3
"""Every optimizer of std/optim in the book's exact form, on f = (10 x^2 + y^2) / 2 from (1, 1) with its exact gradient.

Expected points: the table below was computed from the update rules (Goodfellow et al., algorithms 8.1 to 8.7; Zeiler 2012) in float64, to the
digits shown; where it gives both coordinates alike, the rule is indifferent to the scale of the gradient.  AdamW is held against its own update
rule, computed here step by step, as are the settings the table does not have.

usage: optimizers_test.py DLC
"""
import json
import math
import os
import subprocess
import sys
import tempfile
import unittest

from arrays import read_safetensors, write_npz, write_safetensors

DLC = os.path.abspath(sys.argv.pop(1)) if __name__ == "__main__" and len(sys.argv) > 1 else "dlc"

MODEL = """import "std/optim"
model Bowl() {{
  input x: f[Batch]
  param point: f[2] ~ ones
  loss value = 0.5 * (10 * point[0]^2 + point[1]^2) + mean(x)
}}
train {{
  batch     = 1
  optimizer = {optimizer}
}}
"""

# optimizer, point after one step, point after five
TABLE = [
    ("sgd(lr = 0.05)", (0.5, 0.95), (0.03125, 0.7737809375)),
    ("momentum(lr = 0.05, momentum = 0.9)", (0.5, 0.95), (-0.5218, 0.4171559375)),
    ("nesterov_momentum(lr = 0.05, momentum = 0.9)", (0.5, 0.95), (-0.101753125, 0.450443604969)),
    ("adagrad(lr = 0.5, delta = 1e-7)", (0.500000005, 0.50000005), (0.050891306582, 0.050891327666)),
    ("rmsprop(lr = 0.05, rho = 0.9, delta = 1e-6)", (0.841886124897, 0.841886907555), (0.524463664381, 0.524465011752)),
    ("rmsprop_nesterov(lr = 0.01, rho = 0.9, momentum = 0.9)", (0.968377223398, 0.968377223398), (0.703493433371, 0.703493433371)),
    ("adadelta(rho = 0.95, eps = 1e-6)", (0.995527864492, 0.995527908766), (0.977340622368, 0.977340849684)),
    ("adam(lr = 0.1)", (0.9000000001, 0.900000001), (0.507963657134, 0.507963661927)),
]
CURVATURE = (10.0, 1.0)


def adamw(w, c, steps, lr, decay, b1=0.9, b2=0.999, eps=1e-8):
    m = v = 0.0
    for t in range(1, steps + 1):
        g = c * w
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        w = w - lr * decay * w - lr * (m / (1 - b1**t)) / (math.sqrt(v / (1 - b2**t)) + eps)
    return w


def sgd(w, c, steps, lr, momentum, nesterov, decay):
    v = 0.0
    for _ in range(steps):
        d = c * w + decay * w
        v = momentum * v + d
        w = w - lr * (d + momentum * v if nesterov else v)
    return w


class Optimizers(unittest.TestCase):
    def train(self, optimizer, steps, *more, start=(1.0, 1.0)):
        """The checkpoint after so many steps and the log's lines of them."""
        with tempfile.TemporaryDirectory() as folder:
            at = lambda name: os.path.join(folder, name)
            with open(at("bowl.dlm"), "w") as file:
                file.write(MODEL.format(optimizer=optimizer))
            write_npz(at("batches.npz"), {"x": [[0.0]] * steps})
            write_safetensors(at("start.safetensors"), {"point": list(start)})
            run = subprocess.run(
                [DLC, "train", at("bowl.dlm"), "--float", "f64", "--batches", at("batches.npz"), "--steps", str(steps),
                 "--init", at("start.safetensors"), "--log", at("log.jsonl"), "--save", at("end.safetensors"), "-o", at("run"), *more],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
            self.assertEqual(run.returncode, 0, run.stdout)
            with open(at("log.jsonl")) as file:
                log = [event for event in map(json.loads, file) if event["event"] == "step"]
            return read_safetensors(at("end.safetensors"))[0], log

    def near(self, optimizer, steps, expected, tolerance, *more):
        arrays, _ = self.train(optimizer, steps, *more)
        self.assertEqual(arrays["point"].dtype, "f64")
        for got, wanted in zip(arrays["point"].values, expected):
            self.assertLessEqual(abs(got - wanted), tolerance, f"{optimizer}: {arrays['point'].values} after {steps} steps, not {expected}")

    def test_table(self):
        for optimizer, after_one, after_five in TABLE:
            with self.subTest(optimizer):
                self.near(optimizer, 1, after_one, 1e-10)
                self.near(optimizer, 5, after_five, 1e-10)

    def test_adamw(self):
        for decay in (0.0, 0.01, 0.3):
            expected = [adamw(1.0, c, 5, 0.1, decay) for c in CURVATURE]
            self.near(f"adamw(lr = 0.1, weight_decay = {decay})", 5, expected, 1e-13)

    def test_sgd_with_momentum_and_decay(self):
        for nesterov in (False, True):
            expected = [sgd(1.0, c, 5, 0.02, 0.9, nesterov, 0.1) for c in CURVATURE]
            settings = f"momentum = 0.9, nesterov = {str(nesterov).lower()}, weight_decay = 0.1"
            self.near(f"sgd(lr = 0.02, {settings})", 5, expected, 1e-13)

    def test_a_gradient_that_is_always_zero(self):
        # At a point where one slope is exactly 0 no optimizer leaves it, and none divides 0 by 0.
        for optimizer, _, _ in TABLE:
            arrays, _ = self.train(optimizer, 3, start=(1.0, 0.0))
            self.assertEqual(arrays["point"].values[1], 0, optimizer)
            self.assertLess(arrays["point"].values[0], 1, optimizer)

    def test_settings_of_the_command_line(self):
        self.near("sgd(lr = 1)", 1, (0.5, 0.95), 1e-15, "--set", "optimizer.lr=0.05")
        self.near("sgd(lr = 1)", 1, (0.9000000001, 0.900000001), 1e-10, "--set", "optimizer=adam(lr = 0.1)")

    def test_the_log_holds_the_loss_before_each_update(self):
        _, log = self.train("sgd(lr = 0.05)", 3)
        points = [(0.5**t, 0.95**t) for t in range(3)]
        self.assertEqual(len(log), 3)
        for line, (x, y) in zip(log, points):
            self.assertAlmostEqual(line["values"]["value"], 0.5 * (10 * x * x + y * y), delta=1e-14)

    def test_slots_are_saved_under_their_names(self):
        arrays, _ = self.train("adam(lr = 0.1)", 1)
        self.assertEqual(arrays["optimizer/m/point"].shape, (2,))
        for got, gradient in zip(arrays["optimizer/m/point"].values, CURVATURE):
            self.assertAlmostEqual(got, 0.1 * gradient, delta=1e-15)
        for got, gradient in zip(arrays["optimizer/v/point"].values, CURVATURE):
            self.assertAlmostEqual(got, 0.001 * gradient**2, delta=1e-15)


if __name__ == "__main__":
    unittest.main()
