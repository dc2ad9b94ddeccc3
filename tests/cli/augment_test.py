"""Augmentation: of training data alone, the same bits for any number of threads and wherever a run began."""
import json
import sys

sys.dont_write_bytecode = True
from command import Case, TOP, main
import arrays
sys.path.insert(0, TOP + "/tests/oracles")
from sequences import labels, numbers

MODEL = """import "std/nn"
import "std/loss"
import "std/optim"

model Small {
  input  image: f[Batch, 5, 6]
  input  mask: f[Batch, 5, 6]
  input  weight: f[Batch]
  target label: i32[Batch]
  logits = image * mask |> flatten |> dense(3)
  loss   cross_entropy = mean(softmax_cross_entropy(logits, label) * weight)
}

train {
  data       = arrays("data.npz")
  validation = holdout(0.25)
  augment    = [shift(1, on = "image"), flip(on = "image"), rotate(15, on = "image"), crop(0.8, on = "image"), noise(0.05, on = "image")]
  batch      = 8
  optimizer  = adam(lr = 0.01)
  epochs     = 3
}
"""


class Augment(Case):
    def setUp(self):
        super().setUp()
        self.write("m.dlm", MODEL)
        image = arrays.array(numbers(1, 64 * 30), "f32", (64, 5, 6))
        arrays.write_npz(self.path("data.npz"), {"image": image, "mask": image, "weight": arrays.array([1] * 64, "f32", (64,)),
                                                 "label": arrays.array(labels(2, 64, 3), "i32", (64,))})

    def trained(self, folder, *words):
        self.dlc("train", "m.dlm", "--out", folder, *words)
        return self.read(f"{folder}/last.safetensors", "rb")

    def test_the_same_bits_for_any_number_of_threads_and_when_resumed(self):
        whole = self.trained("one", "--threads", "1")
        for threads in ("2", "3"):
            self.assertEqual(whole, self.trained("of" + threads, "--threads", threads))
        self.trained("halves", "--steps", "8")  # in the second epoch
        self.assertEqual(whole, self.trained("halves", "--resume"))
        self.assertNotEqual(whole, self.trained("plain", "--set", "augment=[]"))
        self.assertNotEqual(whole, self.trained("fewer", "--set", 'augment=flip(on = "image")'))

    def test_training_alone(self):
        # Without a step of learning the loss of the validation set is that of the examples as they are.
        def losses(*words):
            return self.json("train", "m.dlm", "--epochs", "1", "--set", "optimizer=sgd(lr = 0)", *words)["history"][0]
        augmented, plain = losses("--out", "a"), losses("--out", "b", "--set", "augment=[]")
        self.assertEqual(augmented["validation"], plain["validation"])
        self.assertNotEqual(augmented["training"], plain["training"])
        for split in ("training", "validation"):
            self.assertEqual(self.dlc("eval", "m.dlm", "--weights", "a", "--split", split).stdout, self.dlc("eval", "m.dlm", "--weights", "b", "--split", split).stdout)

    def test_the_share_of_the_time_is_told(self):
        shown = self.dlc("train", "m.dlm", "--epochs", "1", "--out", "run", "-v").stderr
        self.assertRegex(shown, r"(?m)^epoch=1 .* seconds=\d+\.\d input=\d+\.\d%$")
        line = json.loads(self.read("run/log.jsonl").splitlines()[-1])
        self.assertGreater(line["input_seconds"], 0)
        self.assertLess(line["input_seconds"], line["seconds"])

    def test_mistakes(self):
        for setting, word in [('[flp(on = "image")]', "did you mean `flip`?"), ("mirror()", "augmentations: shift flip rotate crop noise"),
                              ("flip()", "`flip` could be for image, mask"), ('flip(on = "imag")', "did you mean `image`?"),
                              ('flip(on = "weight")', "`weight` is f32[8]"), ('noise(1, on = "label")', "`label` is i32[8]"),
                              ('shift(on = "image")', "augmentation `shift` wants its `by`, an integer from 0"),
                              ('shift(0.5, on = "image")', "`by` of augmentation `shift` must be an integer"),
                              ('crop(1.5, on = "image")', "`least` of augmentation `crop` must be a number"),
                              ('rotate(-3, on = "image")', "`degrees` of augmentation `rotate`"),
                              ('flip(q = 0.5, on = "image")', "augmentation `flip` has no argument `q`"),
                              ('flip(p = [0.5], on = "image")', "augmentation `flip` takes no list for `p`"),
                              ("3", "`augment` must be a list of calls")]:
            for command in ("check", "train"):
                with self.subTest(setting=setting, command=command):
                    text = self.error(command, "m.dlm", "--set", "augment=" + setting, exit=1, code="E0401", says=word)
                    self.assertIn("--> --set augment:1:", text)


if __name__ == "__main__":
    main()
