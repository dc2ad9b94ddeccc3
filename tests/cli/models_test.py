"""The figures that the models' READMEs promise, where they take seconds: whole runs of the recipes, or runs of the length given here."""
import math
import sys

sys.dont_write_bytecode = True
import arrays
from command import Case, main, model


class Figures(Case):
    def figures(self, name, *words, seed=1):
        """The means of losses and metrics on the test set after a training."""
        weights = self.path(f"{name}_{seed}")
        self.dlc("train", model(name), *words, "--seed", str(seed), "--out", weights, "-q")
        values = self.json("eval", model(name), *words, "--weights", weights)["values"]
        return {key: value["mean"] for key, value in values.items()}

    def test_karate_gcn(self):
        for seed in range(1, 11):
            with self.subTest(seed=seed):
                self.assertGreaterEqual(self.figures("karate_gcn", seed=seed)["accuracy"], 0.93)

    def test_karate_gcn_without_ties_knows_nothing(self):
        self.assertEqual(self.figures("karate_gcn", "--set", "tie=0")["accuracy"], 0.5)

    def test_gru_copy_remembers(self):
        # Three symbols and five blanks: a net without memory stays at a cross-entropy of 3 ln 8 / 11.
        values = self.figures("gru_copy", "--set", "length=3", "--set", "delay=5", "--set", "data=copy_task(length = 3, delay = 5)", "--set", "epochs=3")
        self.assertGreater(values["copied"], 0.98)
        self.assertLess(values["cross_entropy"], 0.05 * 3 * math.log(8) / 11)

    def test_seq2seq_reverse_says_it_backwards(self):
        words = ["--set", "length=4", "--set", "data=reversed_sequences(length = 4, examples = 4000)", "--set", "optimizer.lr=1e-2", "--set", "epochs=3"]
        self.assertGreater(self.figures("seq2seq_reverse", *words)["whole"], 0.98)

    def test_deep_sets_adds_and_takes_larger_sets(self):
        self.assertGreater(self.figures("deep_sets")["exact"], 0.98)
        larger = self.json("eval", model("deep_sets"), "--weights", self.path("deep_sets_1"), "--set", "size=20", "--set", "data=set_sum(size = 20)")
        self.assertGreater(larger["values"]["exact"]["mean"], 0.98)

    def test_linear_autoencoder_ends_at_the_principal_components(self):
        # Four orthogonal images with orthogonal amplitudes of variances 4, 2, 1/2, 1/4: a code of two numbers must lose 1/2 + 1/4.
        variances = [4, 2, 0.5, 0.25]
        images = [[[math.sqrt(2 / 784) * math.cos(math.pi * (k + 1) * (28 * i + j + 0.5) / 784) for j in range(28)] for i in range(28)] for k in range(4)]
        rows = [[[sum(math.sqrt(2 * v) * math.cos(2 * math.pi * (k + 1) * n / 128) * images[k][i][j] for k, v in enumerate(variances))
                  for j in range(28)] for i in range(28)] for n in range(128)]
        arrays.write_npz(self.path("waves.npz"), {"image": arrays.array(rows, "f32"), "test/image": arrays.array(rows, "f32")})
        words = ["--model", "LinearAutoencoder", "--set", 'data=arrays("waves.npz")', "--set", "batch=32", "--set", "epochs=100", "--set", "optimizer.lr=1e-2"]
        lost = self.figures("autoencoder", *words, "--set", "units=2")["squared_error"]
        self.assertGreater(lost, 0.75 - 1e-4)
        self.assertLess(lost, 0.75 + 1e-2)

    def test_gan_ring_covers_wide_clouds(self):
        words = ["--set", "sd=0.2", "--set", "data=ring_of_gaussians(sd = 0.2)", "--set", "batch=250", "--set", "average=ema(decay = 0.9)", "--set", "epochs=20"]
        values = self.figures("gan_ring", *words)
        self.assertEqual(values["covered"], 8)
        self.assertGreater(values["within"], 0.7)

    def test_vae_tells_which_image_it_is(self):
        # Eight images of stripes, each as likely as another: no model has a lower expectation of -log p than ln 8, and one without a code,
        # to which every pixel is black or white with the same probability, none below 784 ln 2 = 543.
        rows = [[[float((n >> i % 3) & 1)] * 28 for i in range(28)] for n in range(8)] * 64
        arrays.write_npz(self.path("stripes.npz"), {"image": arrays.array(rows, "f32"), "test/image": arrays.array(rows, "f32")})
        values = self.figures("vae", "--set", 'data=arrays("stripes.npz")', "--set", "hidden=64", "--set", "batch=64", "--set", "epochs=25",
                              "--set", "optimizer.lr=1e-2")
        self.assertGreater(values["negative_elbo"], math.log(8))
        self.assertLess(values["negative_elbo"], 40)

    def test_p4_cnn_does_not_see_how_an_image_is_turned(self):
        # Four kinds of stripes, wide and narrow, along and across; along and across are turned into one another.
        image = lambda n: [[float((i if n % 4 < 2 else j) // (1 + n % 2) % 2) + 0.01 * ((3 * i + 5 * j + n) % 7) for j in range(28)] for i in range(28)]
        columns = {"image": arrays.array([image(n) for n in range(64)], "f32"), "label": arrays.array([n % 2 for n in range(64)], "i32")}
        arrays.write_npz(self.path("stripes.npz"), {**columns, **{f"test/{name}": values for name, values in columns.items()}})
        words = ["--set", 'data=arrays("stripes.npz")', "--set", "batch=16", "--set", "epochs=3", "--set", "channels=2", "--set", "validation=holdout(0.25)"]
        turning = self.figures("p4_cnn", *words)
        self.assertLess(turning["moved"], 1e-5)
        self.assertEqual(turning["turned_accuracy"], turning["accuracy"])
        self.assertGreater(self.figures("p4_cnn", *words, "--set", 'group="none"', seed=2)["moved"], 1e-3)


main()
