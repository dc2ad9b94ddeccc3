"""Checkpoints: a run that was stopped, in any way, ends with the bits of one that was not."""
import json
import os
import random
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from command import Case, DLC, TOP, main, model
import arrays
sys.path.insert(0, os.path.join(TOP, "tests", "oracles"))
from sequences import labels, numbers

# Everything that a checkpoint must remember: optimizer slots, random numbers, a schedule, state, early stopping, the order of the data.
MODEL = """import "std/nn"
import "std/loss"
import "std/optim"

model Small {
  input  x: f[Batch, 6]
  target label: i32[Batch]

  logits = x |> dense(16) |> tanh |> batch_norm |> dropout(0.2) |> dense(3)

  loss   cross_entropy = mean(softmax_cross_entropy(logits, label))
  metric accuracy      = mean(argmax[k](logits[n, k]) == label)
}

train {
  data       = arrays("data.npz")
  validation = holdout(0.25)
  batch      = 8
  optimizer  = adam(lr = 0.01)
  schedule   = cosine(warmup = 10)
  epochs     = 150
  stop_early = patience(150, on = "validation.cross_entropy")
}
"""


class Checkpoints(Case):
    def setUp(self):
        super().setUp()
        self.write("m.dlm", MODEL)
        arrays.write_npz(self.path("data.npz"), {"x": arrays.array(numbers(1, 96 * 6), "f32", (96, 6)), "label": arrays.array(labels(2, 96, 3), "i32", (96,))})

    def start(self, *words):
        return subprocess.Popen([DLC, "train", "m.dlm", *words], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)

    def checkpoint(self, folder, name="last"):
        return self.read(f"{folder}/{name}.safetensors", "rb")

    def epochs(self, folder):
        lines = [json.loads(line) for line in self.read(f"{folder}/log.jsonl").splitlines()]
        return [{k: v for k, v in line.items() if not k.endswith("seconds")} for line in lines]

    def assert_same_run(self, one, other):
        for name in ("last", "best"):
            self.assertEqual(arrays.read_safetensors(self.path(f"{one}/{name}.safetensors")), arrays.read_safetensors(self.path(f"{other}/{name}.safetensors")), name)
            self.assertEqual(self.checkpoint(one, name), self.checkpoint(other, name), name)
        self.assertEqual(self.epochs(one), self.epochs(other))
        self.assertEqual([n for n in os.listdir(self.path(other))], [n for n in os.listdir(self.path(other)) if n in ("last.safetensors", "best.safetensors", "log.jsonl")])

    def test_what_is_in_one(self):
        self.dlc("train", "m.dlm", "--epochs", "2", "--out", "run")
        found, metadata = arrays.read_safetensors(self.path("run/last.safetensors"))
        self.assertEqual(found["dense_1.weight"].shape, (16, 6))
        self.assertEqual(found["optimizer/m/dense_1.weight"].shape, (16, 6))
        self.assertTrue([name for name in found if name.startswith("state/batch_norm_1.")], sorted(found))
        self.assertEqual((metadata["dlc.step"], metadata["dlc.seed"]), ("18", "1"))
        self.assertRegex(metadata["dlc.model"], "^[0-9a-f]{16,}$")

    def test_stopped_between_epochs(self):
        self.dlc("train", "m.dlm", "--out", "whole", "--epochs", "12", "--set", "schedule=constant()")
        self.dlc("train", "m.dlm", "--out", "parts", "--epochs", "5", "--set", "schedule=constant()")
        process = self.dlc("train", "m.dlm", "--out", "parts", "--epochs", "12", "--set", "schedule=constant()", "--resume")
        self.assertIn("resumed from parts/last.safetensors at step 45", process.stderr)
        self.assert_same_run("whole", "parts")

    def test_resumed_on_a_plateau(self):
        # As a value to grow the loss improves on its first only by chance: the rate falls again and again.
        plateau = ["--set", 'schedule=plateau(on = "validation.cross_entropy", mode = "max", patience = 2, factor = 0.5, warmup = 10)']
        self.dlc("train", "m.dlm", "--out", "whole", "--epochs", "12", *plateau)
        for epochs in ("3", "4", "7", "12"):
            self.dlc("train", "m.dlm", "--out", "parts", "--epochs", epochs, "--resume", *plateau)
        self.assert_same_run("whole", "parts")
        rate = float.fromhex(arrays.read_safetensors(self.path("whole/last.safetensors"))[1]["dlc.plateau.lr"])
        self.assertIn(rate, [0.01 * 0.5**k for k in range(1, 6)])

    def test_killed_at_any_moment(self):
        self.dlc("train", "m.dlm", "--epochs", "0")  # the kernels are in the cache
        start = time.monotonic()
        self.dlc("train", "m.dlm", "--out", "whole")
        whole = time.monotonic() - start
        seed = random.randrange(2**32)
        print(f"kills at random moments, seed {seed}", file=sys.stderr)
        moments = random.Random(seed)
        killed = 0
        for _ in range(12):
            process = self.start("--out", "killed", "--resume")
            time.sleep(moments.uniform(0, whole / 4))
            process.kill()
            process.communicate()
            killed += process.returncode == -signal.SIGKILL
        self.assertGreater(killed, 3)
        self.dlc("train", "m.dlm", "--out", "killed", "--resume")
        self.assert_same_run("whole", "killed")

    def test_interrupted(self):
        self.dlc("train", "m.dlm", "--out", "whole")
        for number in (signal.SIGINT, signal.SIGTERM):
            folder = f"interrupted{number}"
            process = self.start("--out", folder)
            deadline = time.monotonic() + 60
            while not os.path.exists(self.path(folder + "/last.safetensors")) and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.002)
            process.send_signal(number)
            said = process.communicate()[0]
            self.assertEqual(process.returncode, 128 + number, said)
            self.assertRegex(said, r"stopped at step \d+")
            self.dlc("train", "m.dlm", "--out", folder, "--resume")
            self.assert_same_run("whole", folder)

    def test_threads_change_no_bit(self):
        for threads in ("1", "2", "3"):
            self.dlc("train", "m.dlm", "--out", "t" + threads, "--epochs", "8", "-j", threads)
        self.assert_same_run("t1", "t2")
        self.assert_same_run("t1", "t3")

    def test_seeds_change_all(self):
        for seed in ("1", "2"):
            self.dlc("train", "m.dlm", "--out", "s" + seed, "--epochs", "1", "--seed", seed)
        self.assertNotEqual(self.epochs("s1"), self.epochs("s2"))

    def test_folders(self):
        for _ in range(2):
            self.dlc("train", "m.dlm", "--epochs", "1", "-q")
        self.assertEqual(sorted(os.listdir(self.path("runs/Small"))), ["0001", "0002"])
        self.assertIn("runs/Small/0002/last.safetensors", self.dlc("train", "m.dlm", "--epochs", "2", "--resume").stderr)
        self.error("train", "m.dlm", "--out", "runs/Small/0001", exit=2, says="holds a run already", helps="--resume")
        os.rename(self.path("runs"), self.path("elsewhere"))
        self.error("train", "m.dlm", "--resume", exit=2, says="no run of Small")

    def test_best_parameters_come_back(self):
        process = self.dlc("train", "m.dlm", "--out", "run", "--epochs", "30", "--set", 'stop_early=patience(2, on="validation.cross_entropy")',
                           "--set", "optimizer=adam(lr=0.5)", "--save", "kept.safetensors")
        best, about = arrays.read_safetensors(self.path("run/best.safetensors"))
        said = process.stderr.splitlines()[-1]
        best_epoch = int(about["dlc.epoch"]) + 1
        self.assertRegex(said, rf"^stopped early after {best_epoch + 2} epochs: validation\.cross_entropy has not improved for 2 epochs; "
                               rf"the best epoch is {best_epoch} with validation\.cross_entropy=[\d.]+, in best\.safetensors; run; parameters in kept\.safetensors$")
        values = [line["validation"]["cross_entropy"] for line in self.epochs("run")]
        self.assertEqual(int(about["dlc.epoch"]), values.index(min(values)))
        self.assertEqual(len(values), values.index(min(values)) + 3)
        kept = arrays.read_safetensors(self.path("kept.safetensors"))[0]
        for name, array in best.items():
            if not name.startswith("optimizer/"):
                self.assertEqual(kept[name], array, name)

    def test_of_another_model(self):
        self.dlc("train", "m.dlm", "--out", "run", "--epochs", "1")
        self.write("other.dlm", MODEL.replace("dense(16)", "dense(15)"))
        error = self.dlc("train", "other.dlm", "--out", "run", "--resume", "-q", exit=1).stderr
        self.assertRegex(error, r"error\[E0451\]: run/last.safetensors holds `.*` as f32\[16.*\], which is f32\[15.*\] in the model")
        before = self.checkpoint("run")
        self.write("same.dlm", MODEL.replace("tanh", "relu"))
        self.assertIn("error[E0451]", self.dlc("train", "same.dlm", "--out", "run", "--resume", "-q", exit=1).stderr)
        self.assertIn("error[E0451]", self.dlc("train", "m.dlm", "--out", "run", "--seed", "9", "--resume", "-q", exit=1).stderr)
        self.assertIn("error[E0451]", self.dlc("eval", model("xor"), "-w", "run", exit=1).stderr)
        self.assertEqual(self.checkpoint("run"), before)

    def test_differences_are_counted(self):
        self.dlc("train", model("xor"), "--out", "run", "--epochs", "1", "-q")
        self.dlc("train", "m.dlm", "--out", "small", "--epochs", "1", "-q")
        self.write("other.dlm", MODEL.replace("dense(16)", "dense(15)"))
        for path, weights, last in [(model("mlp"), "run", "and 1 more difference"), ("other.dlm", "small", "and 2 more differences")]:
            notes = [line for line in self.dlc("eval", path, "-w", weights, exit=1).stderr.splitlines() if "= note: " in line]
            self.assertEqual((len(notes), notes[-1].split("= note: ")[1]), (5, last))

    def test_the_split_is_that_of_the_run(self):
        self.dlc("train", "m.dlm", "--out", "run", "--epochs", "1", "--seed", "7", "-q")
        same = self.json("eval", "m.dlm", "-w", "run", "--split", "validation")["values"]
        self.assertEqual(same, self.json("eval", "m.dlm", "-w", "run", "--split", "validation", "--seed", "7")["values"])
        self.assertNotEqual(same, self.json("eval", "m.dlm", "-w", "run", "--split", "validation", "--seed", "1")["values"])
        self.assertEqual(self.epochs("run")[0]["validation"]["cross_entropy"], same["cross_entropy"]["mean"])

    def test_parameters_that_the_outputs_do_without(self):
        text = MODEL.replace("loss   cross", "output score = logits\n  loss   cross").replace("softmax_cross_entropy(logits, label))", "softmax_cross_entropy(logits, label)) + mean(dense(x, 1)^2)")
        self.write("two.dlm", text)
        self.dlc("train", "two.dlm", "--out", "run", "--epochs", "1", "-q")
        self.dlc("predict", "two.dlm", "-w", "run", "--split", "validation", "-o", "p.npz")
        self.assertEqual(arrays.read_npz(self.path("p.npz"))["score"].shape, (24, 3))

    def test_states_of_other_programs(self):
        # Other frameworks write a state under its path alone.
        self.dlc("train", "m.dlm", "--out", "run", "--epochs", "1", "-q")
        found = arrays.read_safetensors(self.path("run/last.safetensors"))[0]
        arrays.write_safetensors(self.path("w.safetensors"), {n.removeprefix("state/"): a for n, a in found.items() if not n.startswith("optimizer/")})
        self.assertEqual(self.json("eval", "m.dlm", "-w", "w.safetensors", "--split", "training")["values"], self.json("eval", "m.dlm", "-w", "run", "--split", "training")["values"])

    def test_damaged(self):
        self.dlc("train", "m.dlm", "--out", "run", "--epochs", "1")
        whole = self.checkpoint("run")
        for what, size in (("header", 100), ("data", len(whole) - 4)):
            with open(self.path("run/last.safetensors"), "wb") as file:
                file.write(whole[:size])
            self.assertIn("dlc: error: run/last.safetensors: ", self.dlc("train", "m.dlm", "--out", "run", "--resume", "-q", exit=3).stderr, what)


main()
