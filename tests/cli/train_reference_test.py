"""Training step by step against PyTorch in f64 (tests/oracles/training.py): the loss of every step and the parameters after all."""
import json
import os
import sys

sys.dont_write_bytecode = True
from command import Case, DLC, TOP, main
import arrays

ORACLES = os.path.join(TOP, "tests", "oracles")
MODELS = os.path.join(ORACLES, "models")
sys.path.insert(0, ORACLES)
import checksums
import runs
from cases import mixed
from sequences import numbers


def relative(value, reference):
    return abs(value - reference) / max(abs(reference), 1e-3)


class AgainstPyTorch(Case):
    """20 steps in f64 from given parameters and batches; within 1e-9 (relative)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with open(os.path.join(ORACLES, "training.json"), encoding="utf-8") as file:
            cls.reference = json.load(file)

    def follow(self, run, *more):
        made = [{name: spec.make(mixed(self.reference["seed"], run["model"], name)) for name, spec in checksums.specs(run[what]).items()}
                for what in ("initial", "batches")]
        losses, final = runs.follow(DLC, os.path.join(MODELS, run["model"] + ".dlm"), run["optimizer"], *made, more, self.environment)
        self.assertEqual(len(losses), len(run["losses"]))
        for step, (loss, reference) in enumerate(zip(losses, run["losses"])):
            self.assertLess(relative(loss, reference), 1e-9, f"step {step}")
        for path, values in run["final"].items():
            self.assertEqual((final[path].dtype, final[path].shape), ("f64", made[0][path].shape))
            for value, reference in zip(final[path].values, values):
                self.assertLess(relative(value, reference), 1e-9, path)
        return final

    def test_every_optimizer_and_every_model(self):
        for number, run in enumerate(self.reference["runs"]):
            with self.subTest(model=run["model"], optimizer=run["optimizer"]):
                self.follow(run, "-j", str(1 + number % 2))

    def test_slots_are_saved_with_the_parameters(self):
        run = next(r for r in self.reference["runs"] if (r["model"], r["optimizer"]) == ("mlp", "adam(lr = 0.01)"))
        final = self.follow(run)
        self.assertEqual(final["optimizer/m/dense_1.weight"].shape, (8, 6))
        self.assertEqual(final["optimizer/v/dense_3.bias"].shape, (3,))

    def test_fewer_batches_than_steps_begin_again(self):
        arrays.write_npz(self.path("batches.npz"), {"x": arrays.array(numbers(1, 2 * 8 * 6), "f32", (2, 8, 6)), "label": arrays.array([0] * 16, "i32", (2, 8))})
        self.dlc("train", os.path.join(MODELS, "mlp.dlm"), "--set", "optimizer=sgd(lr = 0)", "--batches", "batches.npz", "--steps", "5", "--log", "log.jsonl", "-q")
        losses = [json.loads(line)["values"]["cross_entropy"] for line in self.read("log.jsonl").splitlines() if '"step"' in line.split(",")[0]]
        self.assertEqual(losses, [losses[0], losses[1]] * 2 + [losses[0]])
        self.assertNotEqual(losses[0], losses[1])


main()
