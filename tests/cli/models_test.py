"""The figures that the models' READMEs promise, where they take seconds: whole runs of the recipes, or runs of the length given here."""
import sys

sys.dont_write_bytecode = True
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


main()
