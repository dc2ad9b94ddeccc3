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

    def test_failing_tests(self):
        path = self.write("t.dlm", TESTS + 'test "wrong" {\n  assert 1 == 2\n}\n')
        process = self.dlc("test", path, exit=1)
        self.assertIn("2 passed, 1 failed", process.stdout)
        self.assertIn("E0503", process.stderr)
        self.assertIn(path + ":8:", process.stderr)


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
