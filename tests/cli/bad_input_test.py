"""Bad data, bad places to write to, bad numbers: one error that says where, the right exit status, nothing half-written."""
import gzip
import os
import resource
import shutil
import signal
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
from command import Case, DLC, finished, main, model
import arrays

XOR = model("xor")
LOGARITHM = """import "std/nn"
import "std/optim"

model Fit {
  input  x: f[Batch, 2]
  target y: f[Batch]

  z = x |> dense(1)
  # The logarithm's argument falls as training goes on, until it is negative.
  p[b] = log(2 - 0.5 * z[b, 0]^2)

  loss squared = mean((p - 3 * y)^2)
}

train {
  data      = xor()
  batch     = 4
  optimizer = sgd(lr = 0.5)
  epochs    = 2000
}
"""


def idx(numbers, *shape):
    return gzip.compress(struct.pack(f">BBBB{len(shape)}i", 0, 0, 8, len(shape), *shape) + bytes(numbers))


class BadNumbers(Case):
    def test_nan_names_tensor_step_and_line(self):
        path = self.write("fit.dlm", LOGARITHM)
        process = self.dlc("train", path, "--out", "run", exit=1)
        text = process.stderr
        errors = [line for line in text.splitlines() if line.startswith("error[")]
        self.assertEqual(len(errors), 1, text)
        self.assertRegex(errors[0], r"^error\[E0501\]: `squared` is nan at step \d+: `p` is the first to hold nan$")
        self.assertIn(f"--> {path}:10:3", text)
        # The last good checkpoint stays, and is of the step before.
        self.assertIn("last good checkpoint: run/last.safetensors", text)
        found, metadata = arrays.read_safetensors(self.path("run/last.safetensors"))
        step = int(errors[0].split(" at step ")[1].split(":")[0])
        self.assertEqual(int(metadata["dlc.step"]), step)
        for array in found.values():
            self.assertTrue(all(v == v and abs(v) != float("inf") for v in array.values))
        self.assertEqual(sorted(os.listdir(self.path("run"))), ["last.safetensors", "log.jsonl"])

    def test_parameters_that_leave_the_numbers(self):
        text = self.dlc("train", XOR, "--set", "optimizer=sgd(lr = 3e38)", "--out", "run", exit=1).stderr
        self.assertRegex(text, r"error\[E0501\]: .* at step \d+: `.*` is the first to hold -?(inf|nan)")
        self.assertIn("model.dlm:", text)
        self.assertIn("--set optimizer.lr=", text)

    def test_nan_in_the_data(self):
        arrays.write_npz(self.path("d.npz"), {"x": arrays.array([[0.0, float("nan")]] * 4, "f32"), "y": arrays.array([0.0] * 4, "f32")})
        text = self.dlc("train", XOR, "--set", 'data=arrays("d.npz")', "--out", "run", exit=1).stderr
        self.assertRegex(text, r"error\[E0501\]: `cross_entropy` is nan at step 0: `x` is the first to hold nan")
        self.assertIn("model.dlm:7:", text)

    def test_arguments_of_the_recipe(self):
        with open(XOR, encoding="utf-8") as file:
            xor = file.read()
        for written, place, says in [("optimizer = adam(rate = 1)", "m.dlm:22:20", "`adam` has no parameter `rate`"),
                                     ("optimizer = adam(lr = 0.1)\n  schedule  = cosine(stps = 3)", "m.dlm:23:22", "`cosine` has no argument `stps`")]:
            self.write("m.dlm", xor.replace("optimizer = adam(lr = 0.05)", written))
            text = self.dlc("check", "m.dlm", exit=1).stderr
            self.assertEqual(text.count("error["), 1, text)
            self.assertIn(says, text)
            self.assertIn(f"--> {place}", text)

    def test_index_outside(self):
        self.write("pick.dlm", 'fn pick(table: f[N], at: i32[M]) -> y { y[m] = table[at[m]] }\n')
        arrays.write_npz(self.path("in.npz"), {"table": [1.0, 2.0], "at": arrays.array([0, 2], "i32")})
        self.error("run", "pick.dlm", "--call", "pick", "--in", "in.npz", exit=1, code="E0502", says=["pick.dlm:1:", "`table`"])

    def test_index_outside_in_a_step(self):
        self.write("steps.dlm", """fn times_entry(x: f[N], i: i32) -> y: f {
  z[n] = x[n] * x[i]
  y = sum(z)
}
fn at_points(x: f[N], at: i32[N]) -> y {
  y = scan v in x with h = 0.0 {
    h = h + v + sum(times_entry(x + h, at))
    yield h
  }
}
fn of_a_step(x: f[N], at: i32[N]) -> y {
  y = scan i in at with h = 0.0 {
    h = h + x[i]
    yield h
  }
}
""")
        for call, place in (("at_points", "steps.dlm:2:"), ("of_a_step", "steps.dlm:13:")):
            for way in ([], ["--interpret"]):
                arrays.write_npz(self.path("in.npz"), {"x": [1.0, 2.0], "at": arrays.array([1, 0], "i32")})
                self.dlc("run", "steps.dlm", "--call", call, "--in", "in.npz", *way)
                arrays.write_npz(self.path("in.npz"), {"x": [1.0, 2.0], "at": arrays.array([1, 2], "i32")})
                self.error("run", "steps.dlm", "--call", call, "--in", "in.npz", *way, exit=1, code="E0502", says=[place])

    def test_position_among_none(self):
        # Where the condition around does not hold nothing is selected from: the first row of `x` has no element above 5.
        self.write("above.dlm", 'fn above(x: f[N, K]) -> y { y[n] = if x[n, 0] < 0 then 9 else argmax[k | x[n, k] > 5](x[n, k]) }\n')
        arrays.write_npz(self.path("in.npz"), {"x": [[-1.0, 2.0], [7.0, 8.0]]})
        self.dlc("run", "above.dlm", "--call", "above", "--in", "in.npz", "--out", "out.npz")
        self.assertEqual(arrays.read_npz(self.path("out.npz"))["y"].values, [9, 1])
        arrays.write_npz(self.path("in.npz"), {"x": [[1.0, 2.0], [7.0, 8.0]]})
        for way in ([], ["--interpret"]):
            self.error("run", "above.dlm", "--call", "above", "--in", "in.npz", *way, exit=1, code="E0502",
                       says=["above.dlm:1:63", "`argmax` over no element"])


class NoMemory(Case):
    """A tensor that no machine holds is an error of the line that makes it, by the interpreter and compiled."""

    PROGRAM = """fn values(a: f = 2) -> y {
  y[i < 1000000, j < 1000000] = a * i + j
}
test "zeros" {
  z = zeros([1000000, 1000000])
  assert sum(z) == 0
}
"""

    def test_run(self):
        path = self.write("m.dlm", self.PROGRAM)
        for more, bytes in [([], "4000000000000"), (["--interpret"], "8000000000000")]:
            text = self.error("run", path, "--call", "values", *more, exit=1, code="E0504",
                              says=f"`y` of shape [1000000, 1000000] takes {bytes} bytes")
            self.assertIn(f"--> {path}:2:3", text)

    def test_test(self):
        process = self.dlc("test", "-q", self.write("m.dlm", self.PROGRAM), exit=1)
        self.assertIn("error[E0504]: `z` of shape [1000000, 1000000] takes 8000000000000 bytes", process.stderr)
        self.assertIn("m.dlm:5:3", process.stderr)

    def test_beyond_what_sizes_count(self):
        path = self.write("m.dlm", "fn f() -> y { y[i < 2000000000, j < 2000000000, k < 2000000000] = 1.0 }\n")
        self.error("run", path, "--call", "f", exit=1, code="E0303", says="a product of sizes exceeds 64 bits")

    def test_more_elements_than_kernels_count(self):
        path = self.write("m.dlm", "fn f() -> y { y[i < 50000, j < 50000] = (i + j) % 7 > 3 }\n")
        self.error("run", path, "--call", "f", exit=1, code="E0504", says="has 2500000000 elements")


class BadData(Case):
    """A data set in IDX files."""

    def setUp(self):
        super().setUp()
        folder = self.path("data/fashion-mnist")
        os.makedirs(folder)
        self.images = os.path.join(folder, "train-images-idx3-ubyte.gz")
        for part, examples in (("train", 60), ("t10k", 20)):
            with open(f"{folder}/{part}-images-idx3-ubyte.gz", "wb") as file:
                file.write(idx([i % 251 for i in range(examples * 784)], examples, 28, 28))
            with open(f"{folder}/{part}-labels-idx1-ubyte.gz", "wb") as file:
                file.write(idx([i % 10 for i in range(examples)], examples))

    def train(self, exit, *words):
        return self.dlc("train", model("softmax_regression"), "--epochs", "1", "--set", "batch=10", "--out", "run", "-q", *words, exit=exit,
                        environment={"DLC_DATA": self.path("data")}).stderr

    def test_good(self):
        self.train(0)
        self.assertTrue(os.path.exists(self.path("run/last.safetensors")))

    def test_truncated(self):
        with open(self.images, "rb") as file:
            packed = file.read()
        plain = gzip.decompress(packed)
        for bytes in (packed[:len(packed) // 2], gzip.compress(plain[:-5]), gzip.compress(plain[:10]), b""):
            with open(self.images, "wb") as file:
                file.write(bytes)
            text = self.train(3)
            self.assertEqual(len(text.splitlines()), 1, text)
            self.assertTrue(text.startswith(f"dlc: error: {self.images}: "), text)
        self.assertFalse(os.path.exists(self.path("run")))

    def test_no_data_set(self):
        shutil.rmtree(self.path("data"))
        self.assertIn("apt-get install dataset-fashion-mnist", self.train(3))

    def test_arrays_that_do_not_fit(self):
        good = {"x": [[0.0, 1.0]] * 8, "y": [1.0] * 8}
        for change, code, words in [({"x": [[0.0, 1.0, 2.0]] * 8}, "E0452", ["3", "2"]), ({"y": [1.0] * 7}, "E0452", ["7", "8"]),
                                    ({"y": None, "why": [1.0] * 8}, "E0452", ["`y`", "why"]), ({"x": [[0.0, 1.0]] * 2, "y": [1.0] * 2}, "E0453", ["4", "2"])]:
            arrays.write_npz(self.path("d.npz"), {k: v for k, v in {**good, **change}.items() if v is not None})
            self.assert_refused(["train", XOR, "-q", "--set", 'data=arrays("d.npz")', "--out", "run"], code, ["--> ", *words])

    def assert_refused(self, command, code, words):
        text = self.error(*command, exit=1, code=code, says=words)
        self.assertFalse(os.path.exists(self.path("run")), text)

    def test_recipe(self):
        for setting, code, word in [("data=xorr()", "E0403", "did you mean `xor`?"), ("data=3", "E0401", "`data`"), ("validation=holdout(2)", "E0403", "holdout"),
                                    ("batch=5", "E0453", "`batch = 4`"), ("batch=0", "E0401", "`batch`"), ("schedule=cosin()", "E0401", "did you mean `cosine`?"),
                                    ("schedule=cosine(wramup=3)", "E0401", "did you mean `warmup`?"), ("stop_early=patience(3, on=\"validation.loss\")", "E0455", "cross_entropy"),
                                    ("schedule=cosine(factor=0.5)", "E0401", "`cosine` has no argument `factor`"), ("schedule=step(factor=0.5)", "E0401", "needs its milestones"),
                                    ("schedule=step(epochs=[2, 1])", "E0401", "`epochs` of `step` must be ascending"),
                                    ("schedule=one_cycle(pct_start=1)", "E0401", "must be between 0 and 1"), ("schedule=one_cycle(warmup=3)", "E0401", "no argument `warmup`"),
                                    ("schedule=inverse_sqrt()", "E0401", "needs `warmup`"), ("schedule=plateau(patience=0.5)", "E0401", "whole number"),
                                    ("schedule=plateau(factor=0)", "E0401", "above 0"), ("schedule=plateau(mode=\"up\")", "E0401", "\"min\" or \"max\""),
                                    ("schedule=plateau(on=\"acuracy\")", "E0455", "did you mean `accuracy`?"),
                                    ("schedule=plateau(on=\"validation.accuracy\")", "E0455", "`schedule` watches `validation.accuracy`, but a run has training.accuracy"),
                                    ("optimizer=adm()", None, "did you mean `adam`?")]:
            self.assert_refused(["train", XOR, "-q", "--set", setting, "--out", "run"], code, word)


class BadPlaces(Case):
    def test_full_disk(self):
        # A limit on the size of files stands for a disk that is full; the kernels come from a cache made before.
        words = [DLC, "train", XOR, "--set", "hidden=2000", "--out", "run", "--epochs", "3"]
        self.dlc(*words[1:-1], "1")
        before = self.read("run/last.safetensors", "rb")

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it, and so would its children
            resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))

        process = subprocess.run([*words, "--resume"], cwd=self.folder, env=self.environment, preexec_fn=limit, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(process.returncode, 3, finished(process))
        self.assertIn("dlc: error: run/last.safetensors: ", process.stderr)
        self.assertEqual(self.read("run/last.safetensors", "rb"), before)
        self.assertEqual(sorted(os.listdir(self.path("run"))), ["last.safetensors", "log.jsonl"])
        self.dlc(*words[1:], "--resume")

    def test_no_room_to_compile(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))

        process = subprocess.run([DLC, "train", XOR, "--epochs", "1", "--out", "run"], cwd=self.folder, env={**self.environment, "XDG_CACHE_HOME": self.path("cold")},
                                 preexec_fn=limit, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual((process.returncode, process.stderr), (3, "dlc: error: kernels cannot be compiled: files may have 8 KiB here, compiling takes up to 8 MiB; raise `ulimit -f`\n"))

    def test_links_and_pipes_stay_what_they_are(self):
        self.dlc("train", XOR, "--epochs", "1", "--out", "run", "-q", "--save", "w.safetensors")
        wanted = self.read("w.safetensors", "rb")
        os.symlink("target.safetensors", self.path("link"))
        self.dlc("train", XOR, "--epochs", "1", "--out", "run2", "-q", "--save", "link")
        self.assertTrue(os.path.islink(self.path("link")))
        self.assertEqual(self.read("target.safetensors", "rb"), wanted)
        os.mkfifo(self.path("pipe"))
        reader = subprocess.Popen(["cat", self.path("pipe")], stdout=subprocess.PIPE)
        self.dlc("train", XOR, "--epochs", "1", "--out", "run3", "-q", "--save", "pipe")
        self.assertEqual(reader.communicate()[0], wanted)
        self.assertFalse(os.path.isfile(self.path("pipe")))
        os.symlink(self.write("f.dlm", "fn  f( x:f[4] )=x\n"), self.path("link.dlm"))
        self.dlc("fmt", "link.dlm")
        self.assertTrue(os.path.islink(self.path("link.dlm")))
        self.assertEqual(self.read("f.dlm"), "fn f(x: f[4]) = x\n")
        for words in (["train", XOR, "--epochs", "1", "--out", "run4", "-q", "--save"], ["predict", XOR, "-w", "run", "--out"], ["explain", XOR, "--html"]):
            self.error(*words, self.folder, exit=3, says="is a folder, not a file")

    def test_unwritable_folder(self):
        os.mkdir(self.path("locked"), 0o555)
        os.chmod(self.folder, 0o755)
        as_user = []
        if os.geteuid() == 0:  # whom nothing stops
            as_user = [shutil.which("setpriv") or "", "--reuid=65534", "--regid=65534", "--clear-groups"]
            if not as_user[0]:
                self.skipTest("root may write anywhere, and there is no setpriv to become another user")
        cache = self.path("cache")
        os.mkdir(cache, 0o777)
        os.chmod(cache, 0o777)
        for words in (["train", XOR, "--epochs", "1", "--out", "locked/run"], ["train", XOR, "--epochs", "1", "--out", "locked"],
                      ["explain", XOR, "--html", "locked/page.html"]):
            process = subprocess.run([*as_user, DLC, *words], cwd=self.folder, env={**self.environment, "XDG_CACHE_HOME": cache}, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, text=True)
            if process.returncode in (126, 127):
                self.skipTest("another user cannot run " + DLC)
            self.assertEqual(process.returncode, 3, finished(process))
            self.assertRegex(process.stderr, r"dlc: error: locked.*[Pp]ermission denied")
        self.assertEqual(os.listdir(self.path("locked")), [])

    def test_no_such_folder(self):
        for option in ("--log", "--save"):
            self.error("train", XOR, option, "none/file", exit=3, says="none")
        self.assertEqual(os.listdir(self.folder), [])
        self.dlc("train", XOR, "--epochs", "1", "--out", "run", "-q")
        self.error("predict", XOR, "-w", "run", "-o", "none/p.csv", exit=3, says="none")
        self.error("explain", XOR, "--html", "none/p.html", exit=3, says="none")


main()
