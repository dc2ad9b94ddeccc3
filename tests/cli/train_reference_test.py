"""Training step by step against PyTorch in f64 (tests/references/training.py): the loss of every step and the parameters after all."""
import json
import math
import os
import sys

sys.dont_write_bytecode = True
from command import Case, TOP, main
import arrays

REFERENCES = os.path.join(TOP, "tests", "references")
sys.path.insert(0, REFERENCES)
from sequences import labels, numbers


def relative(value, reference):
    return abs(value - reference) / max(abs(reference), 1e-3)


class AgainstPyTorch(Case):
    """20 steps in f64 from given parameters and batches; within 1e-9 (relative)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with open(os.path.join(REFERENCES, "training.json")) as file:
            cls.reference = json.load(file)

    def follow(self, model, optimizer, *more):
        steps, batch = self.reference["steps"], self.reference["batch"]
        run = next(r for r in self.reference["runs"] if (r["model"], r["optimizer"]) == (model, optimizer))
        shape = [steps, batch, *run["input"]]
        arrays.write_npz(self.path("batches.npz"), {
            "x": arrays.array(numbers(100, math.prod(shape)), "f64", tuple(shape)),
            "label": arrays.array(labels(101, steps * batch, self.reference["classes"]), "i64", (steps, batch))})
        arrays.write_safetensors(self.path("initial.safetensors"), {
            path: arrays.array(numbers(seed, math.prod(s), 0.5), "f64", tuple(s)) for seed, (path, s) in enumerate(run["shapes"].items(), 1)})
        self.dlc("train", os.path.join(REFERENCES, model + ".dlm"), "--set", "optimizer=" + optimizer, "--float", "f64", "--init", "initial.safetensors",
                 "--batches", "batches.npz", "--steps", str(steps), "--log", "steps.jsonl", "--save", "final.safetensors", *more)

        lines = [json.loads(line) for line in self.read("steps.jsonl").splitlines()]
        logged = [line for line in lines if line["event"] == "step"]
        self.assertEqual([line["step"] for line in logged], list(range(steps)))
        for line, reference in zip(logged, run["losses"]):
            self.assertLess(relative(line["values"]["cross_entropy"], reference), 1e-9, f"step {line['step']}")
        final, metadata = arrays.read_safetensors(self.path("final.safetensors"))
        self.assertEqual(metadata["dlc.step"], str(steps))
        for path, values in run["final"].items():
            self.assertEqual((final[path].dtype, list(final[path].shape)), ("f64", run["shapes"][path]))
            for value, reference in zip(final[path].values, values):
                self.assertLess(relative(value, reference), 1e-9, path)
        return final

    def test_perceptron_with_adam(self):
        final = self.follow("mlp", "adam(lr = 0.01)")
        self.assertEqual(final["optimizer/m/dense_1.weight"].shape, (8, 6))
        self.assertEqual(final["optimizer/v/dense_3.bias"].shape, (3,))

    def test_perceptron_with_momentum(self):
        self.follow("mlp", "sgd(lr = 0.0625, momentum = 0.9)")

    def test_convolutions_with_adam(self):
        self.follow("convnet", "adam(lr = 0.01)", "-j", "2")

    def test_convolutions_with_momentum(self):
        self.follow("convnet", "sgd(lr = 0.0625, momentum = 0.9)", "-j", "1")

    def test_fewer_batches_than_steps_begin_again(self):
        arrays.write_npz(self.path("batches.npz"), {"x": arrays.array(numbers(1, 2 * 8 * 6), "f32", (2, 8, 6)), "label": arrays.array([0] * 16, "i32", (2, 8))})
        self.dlc("train", os.path.join(REFERENCES, "mlp.dlm"), "--set", "optimizer=sgd(lr = 0)", "--batches", "batches.npz", "--steps", "5", "--log", "log.jsonl", "-q")
        losses = [json.loads(line)["values"]["cross_entropy"] for line in self.read("log.jsonl").splitlines() if '"step"' in line.split(",")[0]]
        self.assertEqual(losses, [losses[0], losses[1]] * 2 + [losses[0]])
        self.assertNotEqual(losses[0], losses[1])


main()
