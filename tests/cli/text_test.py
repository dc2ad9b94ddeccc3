"""Text as data: what a recurrent net knows is carried from batch to batch, a stopped run goes on with the same bits, and every checkpoint says what the
tokens stand for."""
import json
import sys

sys.dont_write_bytecode = True
from command import Case, main
import arrays

# The state of each row is its last token: the next batch's first one must be what followed it.
MODEL = """import "std/nn"
import "std/loss"
import "std/optim"

model Carried {
  input  text: i32[Batch, 4]
  target next: i32[Batch, 4]

  state expected: f[Batch] = -1
  state breaks: f = 0
  goes_on[n] = expected[n] == text[n, 0]
  breaks   <- breaks + sum((expected >= 0) * (1 - goes_on))
  expected <- 1.0 * next[:, 3]

  metric following = mean(goes_on)

  logits = text |> embedding(40, 6) |> dense(40)
  loss cross_entropy = mean(softmax_cross_entropy(logits, next))
}

train {
  data      = text("book.txt", length = 4, continuous = true)
  batch     = 3
  optimizer = adam(lr = 0.01)
  epochs    = 1
}
"""


class Text(Case):
    def setUp(self):
        super().setUp()
        self.write("m.dlm", MODEL)
        self.write("book.txt", "".join(chr(97 + i * i % 23) for i in range(200)) + "\u00e9")

    def state(self, folder, name):
        return arrays.read_safetensors(self.path(f"{folder}/last.safetensors"))[0]["state/" + name].values

    def test_a_state_crosses_batches(self):
        self.dlc("train", "m.dlm", "-q", "--out", "continuous")
        self.assertEqual(self.state("continuous", "breaks"), [0])
        self.dlc("train", "m.dlm", "-q", "--out", "shuffled", "--set", 'data=text("book.txt", length = 4)')
        self.assertGreater(self.state("shuffled", "breaks")[0], 10)

    def test_states_cross_batches_when_evaluated(self):
        # 45 windows: of 36 to train on and 9 to validate a batch of 4 takes 9 and 2 steps, and only in the first may a row not go on.
        more = ("--set", "batch=4", "--set", "validation=holdout(0.2)")
        self.dlc("train", "m.dlm", "-q", "--out", "run", *more)
        last = json.loads(self.read("run/log.jsonl").splitlines()[-1])
        self.assertGreaterEqual(last["validation"]["following"], 1 / 2)
        for split, examples, steps in (("validation", 8, 2), ("training", 36, 9)):
            said = json.loads(self.dlc("eval", "m.dlm", "--json", "--weights", "run", "--split", split, *more).stdout)
            self.assertEqual(said["examples"], examples)
            self.assertGreaterEqual(said["values"]["following"]["mean"], (steps - 1) / steps)

    def test_a_stopped_run_goes_on(self):
        self.dlc("train", "m.dlm", "-q", "--out", "run", "--steps", "7", "--epochs", "3")
        self.dlc("train", "m.dlm", "-q", "--out", "run", "--resume", "--epochs", "3")
        self.dlc("train", "m.dlm", "-q", "--out", "whole", "--epochs", "3")
        self.assertEqual(self.read("run/last.safetensors", "rb"), self.read("whole/last.safetensors", "rb"))

    def test_checkpoints_say_what_tokens_are(self):
        self.dlc("train", "m.dlm", "-q", "--out", "run", "--save", "saved.safetensors")
        for name in ("run/last.safetensors", "saved.safetensors"):
            metadata = arrays.read_safetensors(self.path(name))[1]
            self.assertEqual(json.loads(metadata["dlc.vocabulary"]), [""] + sorted({chr(97 + i * i % 23) for i in range(200)}))

    def test_what_is_wrong_with_the_arguments(self):
        wrong = lambda data, **more: self.error("train", "m.dlm", "-q", "--set", "data=" + data, **more)
        wrong('text("book.txt", lenght = 4)', exit=1, code="E0403", says="has no argument `lenght`", helps="did you mean `length`?")
        wrong('text("book.txt", length = [4, 5])', exit=1, code="E0403", says="takes no list for `length`")
        wrong("text(length = 4)", exit=1, code="E0403", says="wants its `file`, a string")
        wrong('text("book.txt", length = 500)', exit=1, code="E0453", says="hold no window of 500")
        wrong('text("none.txt", length = 4)', exit=3, says="none.txt: cannot open")


main()
