"""`dlc train --batches`: the arrays say how large a batch is, and inputs that nothing depends on are inputs all the same."""
import json
import sys

sys.dont_write_bytecode = True
from command import Case, main, model
import arrays

XOR = model("xor")
HEAD = 'import "std/nn"\nimport "std/optim"\n'
RECIPE = "train { optimizer = sgd(lr = 0.25)  batch = 4 }\n"
X = [[[1.0, 2.0]] * 4] * 3


class Batches(Case):
    def losses(self, path, batches, *words):
        arrays.write_npz(self.path("b.npz"), batches)
        self.dlc("train", path, "--batches", "b.npz", "--float", "f64", "--log", "log.jsonl", "--save", "w.safetensors", "-q", *words)
        lines = [json.loads(line) for line in self.read("log.jsonl").splitlines()]
        return [next(line["values"][name] for name in ("cross_entropy", "l") if name in line["values"]) for line in lines if line["event"] == "step"]

    def refused(self, path, batches, *words, **expected):
        arrays.write_npz(self.path("b.npz"), batches)
        return self.error("train", path, "--batches", "b.npz", *words, exit=1, **expected)

    def test_a_size_other_than_the_recipes(self):
        losses = self.losses(XOR, {"x": [[[0.0, 1.0], [1.0, 1.0]]] * 3, "y": [[1.0, 0.0]] * 3}, "--steps", "3")
        self.assertEqual(len(losses), 3)
        self.assertLess(losses[2], losses[0])

    def test_a_size_the_command_line_contradicts(self):
        self.refused(XOR, {"x": [[[0.0, 1.0], [1.0, 1.0]]], "y": [[1.0, 0.0]]}, "--dim", "Batch=5", code="E0452", says="b.npz: ")

    def test_inputs_and_targets_that_nothing_uses(self):
        path = self.write("m.dlm", HEAD + "model M {\n  input x: f[B, 2]\n  input extra: f[B, 3]\n  target spare: i32[B]\n  loss l = mean(dense(x, 1))\n}\n" + RECIPE)
        given = {"x": X, "extra": [[[0.0] * 3] * 4] * 3, "spare": [[1] * 4] * 3}
        self.assertEqual(len(self.losses(path, given)), 3)
        self.assertEqual(len(self.losses(path, {"x": X})), 3)
        self.refused(path, {**given, "extra": [[[0.0] * 2] * 4] * 3}, code="E0452", says=["`extra`", "f64[3, 4, 2]"])
        self.refused(path, {**given, "more": X}, code="E0452", says="`more`")
        self.refused(path, {"extra": given["extra"]}, code="E0452", says="lack `x`")

    def test_no_input_is_used(self):
        path = self.write("m.dlm", HEAD + "model M {\n  input x: f[B, 2]\n  param w: f[2] ~ ones\n  loss l = sum(w * w)\n}\n" + RECIPE)
        # w <- w - 0.25 * 2 w
        self.assertEqual(self.losses(path, {"x": X}), [2, 0.5, 0.125])
        self.assertEqual(arrays.read_safetensors(self.path("w.safetensors"))[0]["w"].values, [0.125, 0.125])
        self.refused(path, {"z": X}, code="E0452", says="`z`")
        self.dlc("train", path, "--set", "data=xor()", "--out", "run", "-q")
        self.assertEqual(self.json("eval", path, "-w", "run", "--set", "data=xor()")["values"]["l"]["mean"], 0.5)

    def test_no_inputs(self):
        path = self.write("m.dlm", HEAD + "model M {\n  param w: f[2] ~ ones\n  loss l = sum(w * w)\n}\ntrain { optimizer = sgd(lr = 0.25) }\n")
        self.dlc("train", path, "--steps", "3", "--float", "f64", "--save", "w.safetensors", "-q", "--out", "run")
        self.assertEqual(arrays.read_safetensors(self.path("w.safetensors"))[0]["w"].values, [0.125, 0.125])
        self.dlc("train", path, "--epochs", "4", "--float", "f64", "-q", "--out", "run", "--resume")
        self.assertEqual(arrays.read_safetensors(self.path("run/last.safetensors"))[0]["w"].values, [0.0625, 0.0625])
        self.refused(path, {"x": X}, code="E0452", says="no inputs")

    def test_batches_of_no_examples(self):
        self.refused(XOR, {"x": arrays.array([], "f32", (2, 0, 2)), "y": arrays.array([], "f32", (2, 0))}, code="E0452", says="no examples")
        self.error("train", XOR, "--dim", "Batch=0", "--out", "run", exit=1, code="E0452", says="`x` takes batches of no examples")
        self.error("eval", XOR, "-w", "w.safetensors", "--dim", "Batch=0", exit=3, says="w.safetensors")

    def test_one_number(self):
        path = self.write("m.dlm", HEAD + "model M {\n  input a: f\n  param w: f[1] ~ ones\n  loss l = a * sum(w)\n}\ntrain { optimizer = sgd(lr = 1.0) }\n")
        self.assertEqual(self.losses(path, {"a": [1.0, 2.0, 3.0]}), [1, 0, -6])

    def test_no_parameters(self):
        path = self.write("m.dlm", HEAD + "model M {\n  input x: f[B, 2]\n  loss l = mean(x)\n}\n" + RECIPE)
        self.assertEqual(self.losses(path, {"x": X}), [1.5] * 3)

    def test_what_training_needs(self):
        for body, recipe, code, says in [("metric m = mean(x)", RECIPE, "E0219", "no loss"), ("loss l = mean(x)", "", "E0404", "no optimizer")]:
            path = self.write("m.dlm", HEAD + "model M {\n  input x: f[B, 2]\n  " + body + "\n}\n" + recipe)
            self.assertIn(f"--> {path}:3:7", self.refused(path, {"x": X}, code=code, says=says))


main()
