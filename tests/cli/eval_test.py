"""`dlc eval` and `dlc predict` on trained parameters."""
import json
import os
import sys

sys.dont_write_bytecode = True
from command import Case, TOP, main, model
import arrays
sys.path.insert(0, os.path.join(TOP, "tests", "oracles"))
from sequences import numbers

XOR = model("xor")


class Trained(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.run_folder = os.path.join(cls._cache.name, "xor")
        import subprocess
        from command import DLC
        subprocess.run([DLC, "train", XOR, "-q", "--out", cls.run_folder], env=cls.environment, check=True)

    def test_eval(self):
        document = self.json("eval", XOR, "-w", self.run_folder)
        self.assertEqual((document["split"], document["examples"]), ("test", 4))
        self.assertEqual(document["values"]["accuracy"]["mean"], 1)
        self.assertLess(document["values"]["cross_entropy"]["mean"], 0.1)
        text = self.dlc("eval", XOR, "-w", os.path.join(self.run_folder, "last.safetensors")).stdout
        self.assertRegex(text, r"accuracy +1\.0000")

    def test_interval(self):
        # 40 batches of 4: the interval holds the mean of the whole, and is of the size that the spread of batches gives.
        rows = [[float(i & 1), float(i >> 1 & 1)] for i in range(160)]
        noisy = [float((i & 1) ^ (i >> 1 & 1) ^ (n < -0.8)) for i, n in enumerate(numbers(4, 160))]
        arrays.write_npz(self.path("d.npz"), {"x": arrays.array(rows, "f32"), "y": arrays.array(noisy, "f32"), "test/x": arrays.array(rows, "f32"), "test/y": arrays.array(noisy, "f32")})
        value = self.json("eval", XOR, "-w", self.run_folder, "--set", 'data=arrays("d.npz")')["values"]["accuracy"]
        wrong = sum(n < -0.8 for n in numbers(4, 160))
        self.assertAlmostEqual(value["mean"], 1 - wrong / 160, places=6)
        shares = [1 - sum(n < -0.8 for n in numbers(4, 160)[i:i + 4]) / 4 for i in range(0, 160, 4)]
        mean = sum(shares) / 40
        error = (sum((s - mean) ** 2 for s in shares) / 39 / 40) ** 0.5
        self.assertAlmostEqual(value["high"] - value["mean"], 2.0227 * error, places=4)  # t(0.975, 39)

    def test_missing_split(self):
        self.error("eval", XOR, "-w", self.run_folder, "--split", "validation", exit=1, code="E0405")

    def test_predict_csv(self):
        self.dlc("predict", XOR, "-w", self.run_folder, "-o", "p.csv")
        head, *rows = self.read("p.csv").splitlines()
        self.assertEqual(head, "probability")
        self.assertEqual([round(float(row)) for row in rows], [0, 1, 1, 0])

    def test_predict_for_given_inputs(self):
        arrays.write_npz(self.path("in.npz"), {"x": arrays.array([[0.0, 1.0], [1.0, 1.0], [0.0, 0.0], [1.0, 0.0], [1.0, 1.0]], "f32")})
        document = self.json("predict", XOR, "-w", self.run_folder, "--in", "in.npz", "-o", "p.npz")
        self.assertEqual(document["outputs"], [{"name": "probability", "shape": [5], "type": "f32"}])
        found = arrays.read_npz(self.path("p.npz"))["probability"]
        self.assertEqual([round(v) for v in found.values], [1, 0, 0, 1, 0])
        self.assertEqual(found.values[1], found.values[4])

    def test_predict_wrong_inputs(self):
        arrays.write_npz(self.path("in.npz"), {"x": [[0.0, 1.0, 2.0]]})
        self.error("predict", XOR, "-w", self.run_folder, "--in", "in.npz", "-o", "p.npz", exit=1, code="E0452")
        arrays.write_npz(self.path("in.npz"), {"z": [[0.0, 1.0]]})
        self.error("predict", XOR, "-w", self.run_folder, "--in", "in.npz", "-o", "p.npz", exit=1, code="E0452", says="`x`")
        self.assertFalse(os.path.exists(self.path("p.npz")))


ROOT_OF_TWO = """import "std/optim"

model Root() {
  param x: f ~ ones()
  output root   = x
  output powers = [x, x^2, x^3]
  loss   error  = (x^2 - 2)^2
}

train {
  optimizer = sgd(lr = 0.05)
  epochs    = 40
}
"""


class WithoutInputs(Case):
    """A model without inputs has one value of each loss and output, whatever the data."""

    def setUp(self):
        super().setUp()
        self.write("root.dlm", ROOT_OF_TWO)
        self.dlc("train", "root.dlm", "-q", "--out", "run")

    def test_eval(self):
        document = self.json("eval", "root.dlm", "-w", "run")
        self.assertLess(document["values"]["error"]["mean"], 1e-6)
        self.assertNotIn("examples", document)
        self.assertRegex(self.dlc("eval", "root.dlm", "-w", "run").stdout, r"^Root, which has no inputs\n.*\n *error +0\.0000 +one value\n$")

    def test_predict(self):
        self.dlc("predict", "root.dlm", "-w", "run", "-o", "p.npz")
        found = arrays.read_npz(self.path("p.npz"))
        self.assertEqual({name: a.shape for name, a in found.items()}, {"root": (), "powers": (3,)})
        self.assertAlmostEqual(found["root"].values[0], 2 ** 0.5, places=4)
        self.assertAlmostEqual(found["powers"].values[2], 2 ** 1.5, places=3)

    def test_predict_no_table(self):
        self.error("predict", "root.dlm", "-w", "run", "-o", "p.csv", exit=1, code="E0406", says="no table")
        self.write("one.dlm", ROOT_OF_TWO.replace("  output powers = [x, x^2, x^3]\n", ""))
        self.dlc("predict", "one.dlm", "-w", "run", "-o", "p.csv")
        head, row = self.read("p.csv").splitlines()
        self.assertEqual(head, "root")
        self.assertAlmostEqual(float(row), 2 ** 0.5, places=4)

    def test_nothing_is_taken(self):
        arrays.write_npz(self.path("in.npz"), {"x": [1.0]})
        self.error("predict", "root.dlm", "-w", "run", "--in", "in.npz", "-o", "p.npz", exit=2, says="no inputs")


SAMPLED = """import "std/optim"

model Sampled() {
  input x: f[Batch, 2]
  param scale: f ~ ones()
  z = scale * normal(0, 1, shape(x))

  output drawn   = z
  loss   squares = mean(z^2) + 0 * sum(x)
}

train {
  data       = ring_of_gaussians(examples = 1000)
  validation = holdout(0.1)
  batch      = 4
  optimizer  = sgd(lr = 0)
}
"""


class Sampled(Case):
    """A model whose parameters say nothing: the seed and the batch are what its random numbers depend on."""

    def setUp(self):
        super().setUp()
        self.file = self.write("sampled.dlm", SAMPLED)
        self.dlc("train", self.file, "-q", "--out", "run")

    def drawn(self, *words):
        self.dlc("predict", self.file, "-w", "run", "-o", "p.csv", *words)
        return self.read("p.csv").splitlines()[1:]

    def test_predict_draws_anew_for_every_batch(self):
        rows = self.drawn()
        self.assertEqual((len(rows), len(set(rows))), (100, 100))
        self.assertEqual(self.drawn(), rows)
        self.assertEqual(self.drawn("--threads", "1"), rows)
        self.assertFalse(set(self.drawn("--seed", "2")) & set(rows))

    def test_eval_draws_what_predict_does(self):
        value = self.json("eval", self.file, "-w", "run")["values"]["squares"]
        squares = [float(element) ** 2 for row in self.drawn() for element in row.split(",")]
        means = [sum(squares[i:i + 8]) / 8 for i in range(0, 200, 8)]
        mean = sum(means) / 25
        error = (sum((m - mean) ** 2 for m in means) / 24 / 25) ** 0.5
        self.assertAlmostEqual(value["mean"], mean, places=5)
        self.assertAlmostEqual(value["high"] - value["mean"], 2.0639 * error, places=4)  # t(0.975, 24)

    def test_validation_is_that_of_eval(self):
        document = self.json("eval", self.file, "-w", "run", "--split", "validation")
        logged = json.loads(self.read(os.path.join("run", "log.jsonl")).splitlines()[-1])["validation"]
        self.assertEqual(document["values"]["squares"]["mean"], logged["squares"])


main()
