"""The same bits for any number of threads: a few training steps of every model of models/, and of arithmetic on the smallest numbers."""
import os
import sys

sys.dont_write_bytecode = True
from command import Case, TOP, main, model
import arrays
sys.path.insert(0, os.path.join(TOP, "tests", "oracles"))
from sequences import labels, numbers

STEPS, BATCH = 3, 16
IMAGE, LABEL, TEXT = ("f32", (STEPS, BATCH, 28, 28)), ("i32", (STEPS, BATCH)), ("i32", (STEPS, BATCH, 64))
# Batches where the data of the recipe are files; the others are made or small.
BATCHES = {
    **{name: {"image": IMAGE, "label": LABEL} for name in ("double_backprop", "lenet", "mlp", "p4_cnn", "resnet", "softmax_regression")},
    **{name: {"image": IMAGE} for name in ("autoencoder", "vae")},
    **{name: {"text": TEXT, "next": TEXT} for name in ("char_lstm", "char_rnn", "gpt_nano")},
}
# Of several models the first; of equal blocks two.
FURTHER = {"autoencoder": ["--model", "Autoencoder"], "gpt_nano": ["--set", "blocks=2"]}


class Threads(Case):
    def words(self, name):
        """What trains a few steps of it."""
        words = ["train", model(name), "--steps", str(STEPS), "-q", *FURTHER.get(name, [])]
        fields = BATCHES.get(name)
        if not fields:
            return words
        made = {}
        for seed, (field, (dtype, shape)) in enumerate(fields.items()):
            count = 1
            for extent in shape:
                count *= extent
            made[field] = arrays.array(numbers(seed, count) if dtype == "f32" else labels(seed, count, 10), dtype, shape)
        arrays.write_npz(self.path(name + ".npz"), made)
        return [*words, "--batches", self.path(name + ".npz")]

    def test_models(self):
        for name in sorted(os.listdir(os.path.join(TOP, "models"))):
            if not os.path.isdir(os.path.join(TOP, "models", name)):
                continue
            with self.subTest(model=name):
                words, saved = self.words(name), {}
                for threads in "1", "2", "3":
                    file = f"{name}_{threads}.safetensors"
                    out = [] if name in BATCHES else ["--out", f"{name}_{threads}"]
                    self.dlc(*words, *out, "--threads", threads, "--save", file)
                    saved[threads] = self.read(file, "rb")
                self.assertEqual(saved["1"], saved["2"])
                self.assertEqual(saved["1"], saved["3"])

    def test_the_smallest_numbers_are_zeros_on_every_thread(self):
        # 2^17 products of 2^-74 by 2^-60: in float32 denormal numbers, which every task of the loop must make zeros.
        self.write("small.dlm", "fn main(x: f[N], y: f[N]) -> z { z = x * y }\n")
        count = 2**17
        arrays.write_npz(self.path("in.npz"), {"x": arrays.array([2.0**-74] * count, "f32", (count,)), "y": arrays.array([2.0**-60] * count, "f32", (count,))})
        for threads in "1", "2", "3":
            self.dlc("run", "small.dlm", "--in", "in.npz", "--out", "out.npz", "--threads", threads)
            self.assertEqual(set(arrays.read_npz(self.path("out.npz"))["z"].values), {0.0})


if __name__ == "__main__":
    main()
