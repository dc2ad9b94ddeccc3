"""--memory-limit: a step takes no more than it, and trains the same."""
import os
import re
import sys

sys.dont_write_bytecode = True
from command import Case, TOP, main
import arrays
sys.path.insert(0, os.path.join(TOP, "tests", "oracles"))
from sequences import labels, numbers

DEEP = """import "std/nn"
import "std/loss"
import "std/optim"

layer block(x: f[N, K]) -> y { y = x |> dense(16) |> batch_norm |> tanh |> dropout(0.1) }

model Deep(depth: int = 16) {
  input  x: f[Batch, 16]
  target label: i32[Batch]
  logits = x |> repeat(depth, block) |> dense(4)
  loss cross_entropy = mean(softmax_cross_entropy(logits, label))
}

train {
  batch     = 512
  optimizer = adam(lr = 1e-2)
}
"""


class MemoryLimit(Case):
    def setUp(self):
        super().setUp()
        self.write("deep.dlm", DEEP)
        self.models = {
            "deep": ["deep.dlm"],
            "resnet": [os.path.join(TOP, "bench/models/resnet.dlm"), "--set", "width=8"],
            "gpt": [os.path.join(TOP, "bench/models/gpt.dlm"), "--set", "width=32", "--set", "window=32"],
        }
        def batches(name, **fields):
            made = {}
            for seed, (field, (dtype, shape, classes)) in enumerate(fields.items()):
                count = 1
                for extent in shape:
                    count *= extent
                made[field] = arrays.array(numbers(seed, count) if dtype == "f32" else labels(seed, count, classes), dtype, shape)
            arrays.write_npz(self.path(name + ".npz"), made)
        batches("deep", x=("f32", (3, 512, 16), 0), label=("i32", (3, 512), 4))
        batches("resnet", image=("f32", (3, 16, 3, 32, 32), 0), label=("i32", (3, 16), 10))
        batches("gpt", text=("i32", (3, 16, 32), 96), next=("i32", (3, 16, 32), 96))

    def trained(self, name, save, *words):
        return self.json("train", *self.models[name], "--batches", name + ".npz", "--save", save, "--threads", "2", *words)

    def least(self, name):
        text = self.error("train", *self.models[name], "--batches", name + ".npz", "--memory-limit", "1B", exit=1, code="E0505", says="the limit is 1")
        self.assertRegex(text, r"--> .*\.dlm:\d+:7\n")  # the model's name
        return int(re.search(r"at least (\d+) bytes", text)[1])

    def test_it_is_kept_and_trains_the_same(self):
        for name in self.models:
            with self.subTest(model=name):
                plain = self.trained(name, "plain.safetensors")
                self.assertNotIn("memory_limit", plain)
                least, most = self.least(name), plain["memory_bytes"]
                self.assertLess(least, 0.9 * most)
                # What kernels need besides their tensors is in the least where the tensors leave room for it.
                limit = (least + 3 * most) // 4
                limited = self.trained(name, "limited.safetensors", "--memory-limit", str(limit))
                self.assertLessEqual(limited["memory_bytes"], limit)
                told = limited["memory_limit"]
                self.assertLess(told["workspace_bytes"], told["workspace_bytes_without"])
                self.assertLess(told["multiply_adds"], 1.4 * told["multiply_adds_without"])
                one, other = (arrays.read_safetensors(self.path(file))[0] for file in ("plain.safetensors", "limited.safetensors"))
                self.assertEqual(one.keys(), other.keys())
                for tensor in one:
                    for a, b in zip(one[tensor].values, other[tensor].values):
                        self.assertAlmostEqual(a, b, delta=1e-5 + 1e-3 * abs(a), msg=tensor)

    def test_in_double_the_gradients_agree_to_its_rounding(self):
        self.trained("deep", "plain.safetensors", "--float", "f64")
        limited = self.trained("deep", "limited.safetensors", "--float", "f64", "--memory-limit", str(self.least("deep") * 2 + 300000))
        self.assertIn("memory_limit", limited)
        one, other = (arrays.read_safetensors(self.path(file))[0] for file in ("plain.safetensors", "limited.safetensors"))
        for tensor in one:
            for a, b in zip(one[tensor].values, other[tensor].values):
                self.assertAlmostEqual(a, b, delta=1e-9, msg=tensor)

    def test_what_it_costs_is_told(self):
        limit = (self.least("deep") + 3 * self.trained("deep", "plain.safetensors")["memory_bytes"]) // 4
        shown = self.dlc("train", "deep.dlm", "--batches", "deep.npz", "--memory-limit", str(limit)).stderr
        self.assertRegex(shown, r"(?m)^memory limit: workspace [\d.]+ [KM]iB instead of [\d.]+ [KM]iB, \d+\.\d % more multiply-adds$")

    def test_the_plan_shows_it(self):
        def memory(*words):
            first = self.dlc("explain", "deep.dlm", "--stage", "plan", *words).stdout.splitlines()[0]
            return sum(int(number) for number in re.findall(r"(\d+) bytes", first))
        plain = memory()
        self.assertLessEqual(memory("--memory-limit", str(plain - 200000)), plain - 200000)
        self.assertEqual(memory("--memory-limit", "1GiB"), plain)
        self.error("explain", "deep.dlm", "--stage", "plan", "--memory-limit", "1KiB", exit=1, code="E0505", says="the limit is 1024")

    def test_sizes(self):
        for size in "much", "-3", "3 parsecs":
            with self.subTest(size=size):
                self.error("train", "deep.dlm", "--memory-limit=" + size, exit=2)


if __name__ == "__main__":
    main()
