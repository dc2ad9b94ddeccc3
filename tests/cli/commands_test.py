"""What all commands have in common: help, JSON, quiet, exit codes, where answers and errors go, colours."""
import json
import os
import pty
import subprocess
import sys

sys.dont_write_bytecode = True
from command import Case, DLC, TOP, finished, main, model

COMMANDS = ["check", "doctor", "eval", "explain", "fmt", "grad", "predict", "run", "test", "train"]
XOR = model("xor")
TESTS = 'test "sums" {\n  assert sum([1.0, 2.0]) == 3\n}\ntest "products" {\n  assert close(2.0 * 3.0, 6.0)\n}\n'
WRONG = 'fn f(x: f[4]) = y\nfn g(x: f[4]) = z\n'


class Help(Case):
    def test_every_command_shows_an_example(self):
        listed = self.dlc("--help").stdout
        for command in COMMANDS:
            self.assertIn("\n  " + command + " ", listed)
            text = self.dlc(command, "--help").stdout
            self.assertIn(f"example: dlc {command} ", text.replace("dlc doctor\n", "dlc doctor \n"))

    def test_version(self):
        self.assertRegex(self.dlc("--version").stdout, r"^dlc \d+\.\d+\.\d+\n$")


class Usage(Case):
    """Exit 2: one line, and what to do."""

    def test_unknown_command(self):
        self.error("trian", exit=2, says="no command `trian`", helps="did you mean `train`?")
        self.error("--color", "never", "frobnicate", exit=2, helps="dlc --help")

    def test_no_command(self):
        self.error(exit=2, helps="dlc --help")

    def test_unknown_option(self):
        self.error("train", XOR, "--stpes", "3", exit=2, says="no option `--stpes`", helps="did you mean `--steps`?")
        self.error("check", "--jsno", XOR, exit=2, helps="did you mean `--json`?")

    def test_missing_and_surplus_arguments(self):
        self.error("train", exit=2, says="FILE is required", helps="dlc train --help")
        self.error("check", XOR, XOR, exit=2, says="an argument too many")

    def test_values_outside_their_set(self):
        self.error("check", XOR, "--color", "sometimes", exit=2, says="sometimes")
        self.error("check", XOR, "--float", "f16", exit=2, says="f16")
        self.error("explain", XOR, "--stage", "kernal", exit=2, helps="did you mean `kernels`?")
        self.error("explain", "E9999", exit=2, says="E9999")
        self.error("check", XOR, "--dim", "Batch", exit=2, says="NAME=SIZE")
        self.error("check", XOR, "--set", "lr", exit=2, says="KEY=VALUE")
        self.error("grad", XOR, "--wrt", "dense_1.wieght", exit=2, helps="did you mean `dense_1.weight`?")

    def test_run_wants_one_direction(self):
        self.error("run", XOR, "--vjp", "--jvp", exit=2, says="--vjp")


class Overrides(Case):
    """A misspelt --set key is one located error of the user's program."""

    def test_recipe(self):
        for word, near in [("epoch=3", "epochs"), ("optimizer.lrr=3", "lr"), ("hiden=3", "hidden")]:
            text = self.error("check", XOR, "--set", word, exit=1, code="E0413", helps=f"did you mean `{near}`?")
            self.assertIn(f"--> --set {word.split('=')[0]}:1:1", text)

    def test_without_a_recipe(self):
        path = self.write("f.dlm", "fn f(x: f[2], scale: float = 2) = scale * x\n")
        self.error("grad", XOR, "--call", "Xor", "--set", "hiden=3", exit=1, code="E0413", helps="did you mean `hidden`?")
        self.error("explain", path, "--call", "f", "--set", "scal=3", exit=1, code="E0413", helps="did you mean `scale`?")

    def test_value_that_does_not_parse(self):
        self.error("check", XOR, "--set", "optimizer.lr=3 +", exit=1, says="--set optimizer.lr:1:")

    def test_value_of_the_wrong_type(self):
        self.error("train", XOR, "--set", "epochs=0.5", exit=1, code="E0401", says="`epochs` must be an integer")


    def test_every_argument_of_the_recipe(self):
        self.write("m.dlm", self.read(XOR).replace("epochs ", 'validation = holdout(0.5)\n  clip = norm(1.0)\n  stop_early = patience(3)\n  epochs '))
        for word in ("stop_early.epochs=5", "stop_early.on=\"accuracy\"", "validation.fraction=0.25", "clip.c=2", "optimizer.beta1=0.5", "optimizer=adam(0.1)"):
            self.dlc("train", "m.dlm", "--epochs", "1", "--set", "batch=1", "--set", word, "-q")
        for word, near in [("clip.d=3", None), ("stop_early.epoch=3", "epochs"), ("optimzer.lr=3", "optimizer.lr"), ("beta1=0.5", "optimizer.beta1")]:
            self.error("train", "m.dlm", "--set", word, exit=1, code="E0413", helps=near and f"did you mean `{near}`?")

    def test_seed(self):
        for word in ("seed=-1", "seed=9007199254740992"):
            self.error("train", XOR, "--set", word, exit=1, code="E0401", says="`seed` must be from 0 to 9007199254740991")

    def test_dimension_that_nothing_has(self):
        self.error("check", XOR, "--dim", "Bacth=3", exit=2, says="--dim Bacth", helps="did you mean `Batch`?")
        self.dlc("check", XOR, "--dim", "Batch=3")


class Contents(Case):
    """`dlc check` of files without a model, or with several."""

    def test_functions_and_layers(self):
        path = self.write("f.dlm", "## Twice.\nfn twice(x: f[N], k: float = 2) -> y { y[i] = k * x[i] }\nlayer scaled(x: f[.., K], units: int) { param w: f[units, K] ~ ones  return x |> linear(w) }\n"
                          "fn linear(x: f[.., K], w: f[U, K]) -> y { y[.., u] = sum[k](x[.., k] * w[u, k]) }\ninit some(n: int) = uniform(0, n)\n"
                          "fn named(x: f[N], how: string) = x\n" + TESTS)
        said = self.dlc("check", path).stdout
        self.assertIn("no model, 3 functions, 1 layer, 1 initializer, 2 tests\n", said)
        for line in (r"fn +twice\(x: f\[N\], k: float = 2\) -> y +ok\n", r"layer +scaled\(x: f\[\.\., K\], units: int\) +ok\n", r"init +some\(n: int\) +parsed only\n",
                     r"fn +named\(x: f\[N\], how: string\) +parsed only"):
            self.assertRegex(said, line)
        declared = self.json("check", path)["declared"]
        self.assertEqual([(d["kind"], d["name"], d.get("checked")) for d in declared[:3]], [("fn", "twice", True), ("layer", "scaled", True), ("fn", "linear", True)])

    def test_functions_that_nothing_calls(self):
        for text, code in [("fn f(x: f[N]) -> y { y[i] = z[i] }\n", "E0201"), ("fn f(x: f[N, M]) = undefined(x)\n", "E0202"), ("fn f(x: f[N]) -> q { y[i] = x[i] }\n", None),
                           ("fn f(x: f[..S], k: int) { return g(x, k, 1) }\nfn g(x: f[..], k: int) = x * k\n", "E0211")]:
            text = self.error("check", self.write("f.dlm", text), exit=1, code=code)
            self.assertIn("f.dlm:1:", text)
            self.assertIn("E0", self.error("check", self.write("m.dlm", self.read(XOR) + "fn unused(x: f[N]) = nowhere(x)\n"), exit=1, code="E0202"))

    def test_sizes_are_no_errors_of_a_function(self):
        # Holds only for 7 numbers, which no trial takes: nothing is said about it.
        path = self.write("f.dlm", "fn f(x: f[N]) -> y {\n  assert N == 7\n  y[i] = x[i]\n}\n")
        self.assertRegex(self.dlc("check", path).stdout, r"fn +f\(x: f\[N\]\) -> y +parsed only")

    def test_study(self):
        study = 'import "m.dlm"\nimport "std/optim"\n\ntrain { batch = 4  optimizer = sgd(lr = 0.1) }\n\nstudy rates {\n  model = Xor\n  vary optimizer.lr in [0.1, 0.2], hidden in [2, 4]\n' \
                "  vary schedule in [constant(), step(epochs = [1, 2])]\n  seeds = 3\n  validate = kfold(4)\n}\n"
        self.write("m.dlm", self.read(XOR).split("train {")[0])
        path = self.write("s.dlm", study)
        self.assertIn("study rates of Xor: 8 variants, 3 seeds, 4 folds; cross_entropy\n", self.dlc("check", path).stdout)
        found = self.json("check", path)["studies"][0]
        self.assertEqual((len(found["variants"]), found["seeds"], found["metric"]), (8, [1, 2, 3], "cross_entropy"))
        self.assertEqual(found["variants"][-1], {"optimizer.lr": "0.2", "hidden": "4", "schedule": "step(epochs = [1, 2])"})
        # A value that does not fit is an error where it stands.
        for old, new, code, place in [("hidden in [2, 4]", "hidden in [2, 0.5]", "E0212", "s.dlm:8:50"), ("[0.1, 0.2]", '[0.1, "x"]', "E0212", ""),
                                      ("step(epochs = [1, 2])", "stop()", "E0401", "s.dlm:9:33"), ("schedule in [constant(), step(epochs = [1, 2])]", "batch in [8, 0]", "E0401", "s.dlm:9:21"),
                                      ("optimizer.lr in [0.1, 0.2]", "optimizer in [adam(), adm()]", "E0202", "did you mean `adam`?")]:
            self.assertIn(place, self.error("check", self.write("s.dlm", study.replace(old, new)), exit=1, code=code))
        self.error("check", self.write("s.dlm", "study rates {\n  vary lr [1]\n}\n"), exit=1, says="s.dlm:2:")

    def test_study_of_an_imported_recipe(self):
        # The recipe is that of the model's file, and its optimizer is looked up there: `_halved` is not seen by the study's file.
        optimizer = "optimizer _halved(lr: float = 0.1) { w <- w - 0.5 * lr * g }\n"
        self.write("m.dlm", self.read(XOR).split("train {")[0] + optimizer + "train { batch = 4  optimizer = _halved(lr = 0.1) }\n")
        study = 'import "m.dlm"\n\nstudy rates {\n  model = Xor\n  vary train.optimizer.lr in [0.1, 0.2]\n}\n'
        self.assertIn("study rates of Xor: 2 variants", self.dlc("check", self.write("s.dlm", study)).stdout)
        self.error("check", self.write("s.dlm", study.replace("optimizer.lr", "optimizer.lrr")), exit=1, code="E0416", says="did you mean `lr`?")
        # A value that does not fit is an error of the imported recipe's optimizer.
        self.error("check", self.write("s.dlm", study.replace("0.2", '"x"')), exit=1, code="E0212")
        # A recipe of its own comes first, as a whole.
        own = study + "\ntrain { batch = 2 }\n"
        self.error("check", self.write("s.dlm", own), exit=1, code="E0416", says="no call whose argument could be varied")

    def test_two_models(self):
        path = self.write("two.dlm", "model A { input x: f[B, 2]  output y = x + x }\nmodel C { input x: f[B, 3]  output y = x * x }\n")
        said = self.dlc("check", path).stdout
        self.assertIn("A, a batch of 1", said)
        self.assertIn("C, a batch of 1", said)
        self.assertEqual([m["model"] for m in self.json("check", path)["models"]], ["A", "C"])
        self.error("check", self.write("two.dlm", self.read("two.dlm").replace("x * x", "x * z")), exit=1, code="E0201")


class ExitCodes(Case):
    def test_errors_of_the_program(self):
        path = self.write("wrong.dlm", WRONG + 'test "a" {\n  assert f([1.0, 1.0, 1.0, 1.0])[0] == 1\n}\n')
        process = self.dlc("test", path, exit=1)
        self.assertEqual(process.stdout, "")
        self.assertIn("--> " + path + ":1:17", process.stderr)

    def test_missing_file(self):
        self.error("check", "missing.dlm", exit=3, says="missing.dlm")
        self.error("fmt", "missing.dlm", exit=3, says="missing.dlm")
        self.error("eval", XOR, "-w", "missing", exit=3, says="missing")

    def test_standard_output_that_takes_nothing(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("there is no /dev/full")
        with open("/dev/full", "w") as full:
            process = subprocess.run([DLC, "grad", XOR], cwd=self.folder, env=self.environment, stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual((process.returncode, process.stderr), (3, "dlc: error: cannot write to standard output: No space left on device\n"))

    def test_streams_that_are_closed(self):
        def run(words, *closed):
            return subprocess.run([DLC, *words], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  preexec_fn=lambda: [os.close(fd) for fd in closed], text=True)
        for words in (["grad", XOR], ["--help"], ["check", "--help"], ["--version"]):
            self.assertEqual((run(words, 1).returncode, run(words, 1).stderr), (3, "dlc: error: cannot write to standard output: Bad file descriptor\n"), words)
        self.assertEqual(run(["check", "missing.dlm"], 2).returncode, 3)
        # No file of the run takes the place of the closed stream.
        self.assertEqual(run(["train", XOR, "--epochs", "3", "--out", "run"], 0, 1, 2).returncode, 0)
        self.assertEqual(self.read("run/last.safetensors", "rb")[8:9], b"{")
        self.assertEqual([json.loads(line)["epoch"] for line in self.read("run/log.jsonl").splitlines()], [0, 1, 2])

    def test_a_pipe_that_nobody_reads(self):
        process = subprocess.run(f"'{DLC}' explain '{XOR}' --stage asm | head -n 1", shell=True, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual((process.stdout.count("\n"), process.stderr), (1, ""))

    def test_failing_tests(self):
        path = self.write("t.dlm", TESTS + 'test "wrong" {\n  assert 1 == 2\n}\n')
        process = self.dlc("test", path, exit=1)
        self.assertIn("2 passed, 1 failed", process.stdout)
        self.assertIn("E0503", process.stderr)
        self.assertIn(path + ":8:", process.stderr)

    def test_what_a_failing_assertion_compares(self):
        for assertion, message in [
                ("close(y, [[1, 2], [5, 9.5]], 1e-3)", "at [1, 1] the left side is 6, the right side 9.5, the difference 3.5"),
                ("close(y, [[1, 1], [900, 6]])", "at [0, 1] the left side is 2, the right side 1, the difference 1"),
                ("close(y, y + inf)", "at [0, 0] the left side is 1, the right side inf, the difference inf"),
                ("close(sqrt(1 - y), zeros([2, 2]))", "at [0, 1] the left side is nan, the right side 0, the difference nan"),
                ("sum(y) == 4", "the left side is 14, the right side 4, the difference 10"),
                ("(y > 1) == (y > 2)", "at [0, 1] the left side is 1, the right side 0, the difference 1"),
                ("1 + 1 == 3", "the left side is 2, the right side 3, the difference 1"),
                ("close(0.1 + 0.2, 0.25, 0)", "the left side is 0.30000000000000004, the right side 0.25, the difference 0.05")]:
            # Of assertions joined by `and` the one that fails is seen.
            path = self.write("t.dlm", 'test "t" {\n  y = [[1.0, 2.0], [5, 6]]\n  assert y[0, 0] == 1 and ' + assertion + "\n}\n")
            for how in ([], ["--compiled"]):
                text = self.dlc("test", *how, path, exit=1).stderr
                self.assertIn(f"`{assertion}` does not hold", text)
                self.assertIn("^ " + message + "\n", text)


class Json(Case):
    """One document on standard output; errors as JSON lines on standard error."""

    def test_schemas(self):
        tests = self.write("t.dlm", TESTS)
        for words in [["check", XOR], ["check", tests], ["test", tests], ["fmt", "--check", tests], ["fmt", "--stdout", tests], ["grad", XOR],
                      ["explain", XOR], ["explain", "E0203"], ["explain", XOR, "--stage", "plan"], ["explain", XOR, "--html", "page.html"]]:
            self.assertEqual(self.json(*words)["schema"], f"dlc.{words[0]}/1")
        doctor = json.loads(subprocess.run([DLC, "doctor", "--json"], env=self.environment, stdout=subprocess.PIPE).stdout)
        self.assertEqual(doctor["schema"], "dlc.doctor/1")

    def test_check_counts(self):
        document = self.json("check", XOR)
        self.assertEqual([(p["path"], p["shape"], p["type"]) for p in document["parameters"]],
                         [("dense_1.weight", [8, 2], "f32"), ("dense_1.bias", [8], "f32"), ("dense_2.weight", [1, 8], "f32"), ("dense_2.bias", [1], "f32")])
        self.assertEqual([(l["path"], l["parameters"], l["multiply_adds"]) for l in document["layers"]], [("dense_1", 24, 64), ("dense_2", 9, 32)])

    def test_tests(self):
        document = self.json("test", self.write("t.dlm", TESTS), "--filter", "prod")
        self.assertEqual([(t["title"], t["ok"]) for t in document["tests"]], [("products", True)])

    def test_errors(self):
        path = self.write("wrong.dlm", "model M {\n  input x: f[B, 2]\n  output y = xx\n}\n")
        process = self.dlc("check", path, "--json", "--dim", "B=2", exit=1)
        self.assertEqual(process.stdout, "")
        found = json.loads(process.stderr)
        self.assertEqual((found["severity"], found["labels"][0]["line"]), ("error", 3))
        for words, exit in [(["check", "missing.dlm"], 3), (["chekc"], 2), (["check", XOR, "--stpes"], 2)]:
            line = json.loads(self.dlc(*words, "--json", exit=exit).stderr)
            self.assertEqual(line["severity"], "error")


class Streams(Case):
    def test_quiet_says_nothing(self):
        tests = self.write("t.dlm", TESTS)
        for words in [["check", XOR], ["check", tests], ["test", tests], ["fmt", tests], ["explain", XOR, "--html", "p.html"], ["train", XOR, "--epochs", "2"],
                      ["predict", XOR, "-w", "runs/Xor/0001", "-o", "p.csv"]]:
            process = self.dlc("-q", *words)
            self.assertEqual((process.stdout, process.stderr), ("", ""), finished(process))

    def test_a_line_an_epoch_on_a_pipe(self):
        process = self.dlc("train", XOR, "--epochs", "3")
        self.assertEqual(process.stdout, "")
        self.assertEqual([line.split()[0] for line in process.stderr.splitlines() if line.startswith("epoch=")], ["epoch=1", "epoch=2", "epoch=3"])
        self.assertFalse([c for c in process.stderr if c < " " and c != "\n"])

    def terminal(self, *words, **more):
        """Standard error of a command as a terminal sees it."""
        try:
            ours, theirs = pty.openpty()
        except OSError as error:
            self.skipTest(f"no pseudo-terminal: {error}")
        process = subprocess.Popen([DLC, *words], cwd=self.folder, env={**self.environment, "TERM": "xterm", **more}, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=theirs)
        os.close(theirs)
        seen = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # Linux: nobody holds the other side any more
                break
            if not part:
                break
            seen += part
        os.close(ours)
        process.wait()
        return seen.decode()

    def test_progress_on_a_terminal(self):
        seen = self.terminal("train", XOR, "--epochs", "40")
        self.assertIn("\r\x1b[K", seen)
        self.assertRegex(seen, r"steps/s .*left")
        self.assertNotIn("\x1b[K", self.terminal("train", XOR, "--epochs", "2", TERM="dumb"))

    def test_an_error_takes_the_place_of_the_progress_line(self):
        seen = self.terminal("train", XOR, "--epochs", "40", "--set", "optimizer=sgd(lr = 3e38)")
        self.assertRegex(seen, r"(^|[\n\r]|\x1b\[K)(\x1b\[[\d;]*m)?error")

    def test_json_keeps_standard_error_for_errors(self):
        process = self.dlc("train", XOR, "--epochs", "2", "--json")
        self.assertEqual(process.stderr, "")
        self.assertEqual(json.loads(process.stdout)["end"], "finished")

    def test_colours(self):
        wrong = self.write("wrong.dlm", "model M {\n  input x: f[2]\n  output y = xx\n}\n")
        self.assertIn("\x1b[", self.terminal("check", wrong))
        self.assertNotIn("\x1b[", self.terminal("check", wrong, NO_COLOR="1"))
        self.assertNotIn("\x1b[", self.terminal("--color", "never", "check", wrong))
        self.assertNotIn("\x1b[", self.dlc("check", wrong, exit=1).stderr)
        self.assertIn("\x1b[", self.dlc("check", wrong, exit=1, environment={"CLICOLOR_FORCE": "1"}).stderr)
        self.assertIn("\x1b[", self.dlc("check", wrong, "--color", "always", exit=1, environment={"NO_COLOR": "1"}).stderr)


class Formatting(Case):
    def test_in_place_and_check(self):
        path = self.write("f.dlm", "fn  f( x:f[4] )=x+1   # one more\n")
        self.assertEqual(self.dlc("fmt", "--check", path, exit=1).stdout, path + "\n")
        shown = self.dlc("fmt", "--stdout", path).stdout
        os.chmod(path, 0o640)
        self.dlc("fmt", path)
        self.assertEqual(self.read("f.dlm"), shown)
        self.assertEqual(self.read("f.dlm"), "fn f(x: f[4]) = x + 1  # one more\n")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o640)
        self.dlc("fmt", "--check", path)
        self.assertEqual(os.listdir(self.folder), ["f.dlm"])

    def test_a_file_with_errors_stays(self):
        path = self.write("f.dlm", "fn f(x: = 1\n")
        self.dlc("fmt", path, exit=1)
        self.assertEqual(self.read("f.dlm"), "fn f(x: = 1\n")

    def test_the_tree_is_formatted(self):
        files = [os.path.join(folder, name) for root in ("models", "examples") for folder, _, names in os.walk(os.path.join(TOP, root))
                 for name in names if name.endswith(".dlm")]
        self.dlc("fmt", "--check", *sorted(files))


class Tests(Case):
    def test_filter(self):
        path = self.write("t.dlm", TESTS)
        self.assertIn("1 passed, 0 failed", self.dlc("test", path, "--filter", "sums").stdout)
        self.error("test", path, "--filter", "quotients", exit=2, says="quotients")

    def test_compiled(self):
        self.assertIn("2 passed, 0 failed", self.dlc("test", "--compiled", self.write("t.dlm", TESTS)).stdout)


class Doctor(Case):
    def test_names_what_is_missing(self):
        process = self.dlc("doctor", exit=3, environment={"DLC_DATA": self.folder})
        self.assertRegex(process.stdout, r"missing +Fashion-MNIST +.*apt-get install dataset-fashion-mnist")
        self.assertIn(os.path.join(self.environment["XDG_CACHE_HOME"], "dlc"), process.stdout)


main()
