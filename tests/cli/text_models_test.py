"""The models of text: each learns a small stand-in for the King James Bible, and the n-gram baseline counts as its formula says."""
import collections
import json
import math
import os
import subprocess
import sys

sys.dont_write_bytecode = True
from command import Case, TOP, main, model

WORDS = "in the beginning god created heaven and earth without form void darkness upon face deep".split()


class TextModels(Case):
    def setUp(self):
        super().setUp()
        text = " ".join(WORDS[i * i % 31 % len(WORDS)] for i in range(900))
        self.write("bible-kjv.txt", text)
        self.symbols = len(set(text)) + 1
        # What a character costs whoever knows how often each one comes, and whoever knows how often after the one before.
        counts, pairs = collections.Counter(text), collections.Counter(zip(text, text[1:]))
        self.entropy = -sum(n * math.log(n / len(text)) for n in counts.values()) / len(text)
        self.entropy_after_one = -sum(n * math.log(n / counts[a]) for (a, _), n in pairs.items()) / (len(text) - 1)

    def learns(self, name, below, **settings):
        """Two epochs of windows of 16: training begins at the loss of equally likely symbols and ends under `below` on the test set."""
        settings = {"symbols": self.symbols, "window": 16, "batch": 8, "data.length": 16, "validation": "holdout(0.2)", **settings}
        more = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        file = model(name)
        where = {"environment": {"DLC_DATA": self.folder}}
        self.dlc("train", file, "-q", "--epochs", "2", "--log", "steps.jsonl", "--out", "run", *more, **where)
        losses = [e["values"]["cross_entropy"] for e in map(json.loads, self.read("steps.jsonl").splitlines()) if e["event"] == "step"]
        self.assertLess(abs(losses[0] - math.log(self.symbols)), 0.8)
        values = json.loads(self.dlc("eval", file, "--json", "--weights", "run", *more, **where).stdout)["values"]
        self.assertLess(values["cross_entropy"]["mean"], below)
        self.assertAlmostEqual(values["bits"]["mean"], values["cross_entropy"]["mean"] / math.log(2), places=5)

    def test_char_rnn(self):
        self.learns("char_rnn", self.entropy, units=32)

    def test_char_lstm(self):
        self.learns("char_lstm", self.entropy_after_one, units=32, **{"optimizer.lr": 0.02})

    def test_gpt_nano(self):
        self.learns("gpt_nano", self.entropy_after_one, width=16, heads=2, blocks=2, **{"optimizer.lr": 0.01, "schedule.warmup": 5})

    def ngram(self, text, *words):
        self.write("text.txt", text)
        script = os.path.join(TOP, "models", "char_rnn", "ngram.py")
        command = [sys.executable, "-B", script, self.path("text.txt"), *words]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    def test_ngram(self):
        # 9 a and 9 b are counted, the last b is predicted from the a before it, and there are 3 tokens.
        one = (9 + 2 / 3) / (18 + 2)
        two = (9 + 1 * one) / (9 + 1)
        self.assertEqual(self.ngram("ab" * 10, "--orders", "2").splitlines(), [
            "18 characters counted, 1 predicted, 3 tokens",
            f"order 1  {-math.log2(one):.3f}",
            f"order 2  {-math.log2(two):.3f}",
        ])

    def test_ngram_of_what_was_never_seen(self):
        # c is token 0 in the test: nothing but the share of the empty context speaks for it, and b was seen behind no c.
        unseen, b = 2 / 3 / 20, (9 + 2 / 3) / 20
        said = self.ngram("ab" * 9 + "acb", "--test", "0.15", "--orders", "1").splitlines()
        self.assertEqual(said[1], f"order 1  {-(math.log2(unseen) + math.log2(b)) / 2:.3f}")


main()
