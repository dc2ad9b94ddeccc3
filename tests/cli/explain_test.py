"""`dlc explain`: every stage of every model, one page over all of them, and what modules and declarations document."""
import re
import sys

sys.dont_write_bytecode = True
from command import Case, main, model

STAGES = ["docs", "ast", "graph", "gradient", "simplified", "kernels", "plan", "halide", "asm"]


class Stages(Case):
    def test_every_stage_of_the_small_models(self):
        for name in ("xor", "softmax_regression"):
            for stage in STAGES:
                text = self.dlc("explain", model(name), "--stage", stage).stdout
                self.assertGreater(len(text.splitlines()), 4, (name, stage))

    def test_stages_before_code_of_the_others(self):
        for name in ("mlp", "lenet"):
            for stage in STAGES[:7]:
                self.assertGreater(len(self.dlc("explain", model(name), "--stage", stage).stdout.splitlines()), 10, (name, stage))

    def test_what_each_stage_shows(self):
        show = lambda stage, *more: self.dlc("explain", model("xor"), "--stage", stage, *more).stdout
        self.assertIn("model Xor(hidden: int = 8)", show("ast"))
        self.assertNotIn("optimizer/m/", show("graph"))
        self.assertIn("optimizer/m/dense_1.weight", show("gradient"))
        self.assertIn("optimizer/m/dense_1.weight", show("simplified"))
        self.assertRegex(show("plan"), r"dense_1.weight +f32 +\[8, 2\]")
        self.assertRegex(show("halide", "--kernel", "0"), r"\A# kernel 0 \(.*\)\n")
        self.assertIn("for (", show("halide"))
        self.assertRegex(show("asm", "--kernel", "0"), r"\bret")

    def test_step_of_lenet(self):
        document = self.json("explain", model("lenet"))
        self.assertLessEqual(len(document["calls"]), 24)
        for call in document["calls"]:
            self.assertTrue(call["lines"], call)
            self.assertTrue(any(line["path"] == model("lenet") for line in call["lines"]), call)
        text = self.dlc("explain", model("lenet")).stdout
        self.assertIn(f"{len(document['calls'])} kernel calls", text)
        self.assertRegex(text, r"model\.dlm:10\b")

    def test_forward_has_fewer(self):
        self.assertLess(len(self.json("explain", model("xor"), "--inference")["calls"]), len(self.json("explain", model("xor"))["calls"]))

    def test_function(self):
        path = self.write("f.dlm", "fn twice(x: f[N]) -> y { y[i] = 2 * x[i] }\n")
        text = self.dlc("explain", path, "--call", "twice", "--shape", "x=5", "--stage", "graph").stdout
        self.assertIn("x", text)
        self.assertIn("5", text)

    def test_codes(self):
        self.assertTrue(self.dlc("explain", "E0501").stdout.startswith("# E0501: "))


class Page(Case):
    def test_is_whole_and_stands_alone(self):
        path = self.write("f.dlm", 'fn half(x: f[8]) -> y { y[i] = if x[i] < 0 then 0 else x[i] / 2 }\n')
        self.dlc("explain", path, "--call", "half", "--html", "page.html")
        page = self.read("page.html")
        self.assertEqual(re.findall(r'<details id="(\w+)"', page), ["source"] + STAGES)
        for attribute in re.findall(r"""(?:href|src|url)\s*[=(]\s*["']?([^"'\s>)]*)""", page.split("<pre>")[0]):
            self.assertTrue(attribute.startswith("#"), attribute)
        outside = re.sub(r"<pre>.*?</pre>", "", page, flags=re.S)
        self.assertIsNone(re.search(r"https?://|<link|<img|<iframe|@import|src=", outside))
        self.assertIn("x[i] &lt; 0", page)
        for text in re.findall(r"<pre>(.*?)</pre>", page, re.S):
            self.assertNotIn("<", text)
            self.assertTrue(text.strip())

    def test_of_a_model(self):
        self.dlc("explain", model("xor"), "--html", "page.html")
        page = self.read("page.html")
        self.assertNotRegex(page, r"https?://|src=|@import|url\(")
        for word in ("model Xor", "optimizer/m/dense_1.weight", "kernel calls"):
            self.assertIn(word, page)


DOCUMENTED = """# A file that speaks
# of itself.
import "std/conv"

## Twice the value of every element, wherever it stands and however long this sentence grows before it has to be continued on a line below.
##
## - A point.
fn twice(x: f[N], weights_of_the_first: f[N], weights_of_the_second: f[N], factor: float = 2) -> y { y[i] = factor * x[i] }
fn _hidden(x: f) = x
## A layer of one parameter.
##
##     scaled([[[1.0, 2.0]]], [[[3.0]]])   ==   [[[6.0, 12.0]]]  # * and _ < as they stand
layer scaled(x: f[N, C, L], w: f[C, C, 1]) -> y {
  param gain: f[C] ~ constant(2)
  y[n, c, l] = gain[c] * conv(x, w)[n, c, l]
}

fn _twice_relu(x: f) = 2 * relu(x)

test "what a test calls, itself or by way of its file" {
  assert all(_twice_relu(twice([1.0], [0.0], [0.0])) == [4.0])
  assert close(tanh(softplus(0)), 0.6, 1e-3)
}
"""
EXAMPLE = "    scaled([[[1.0, 2.0]]], [[[3.0]]])   ==   [[[6.0, 12.0]]]  # * and _ < as they stand\n"


class Documentation(Case):
    def test_of_a_file(self):
        path = self.write("mine.dlm", DOCUMENTED)
        text = self.dlc("explain", "mine.dlm", "--stage", "docs").stdout
        self.assertTrue(text.startswith("mine.dlm\n\n  A file that speaks of itself.\n\nLayers\n\n  layer scaled(x: f[N, C, L], w: f[C, C, 1]) -> y\n"
                                        "      A layer of one parameter.\n\n      " + EXAMPLE + "\nFunctions\n"), text)
        self.assertRegex(text, r"\n  fn twice\(x: f\[N\], .*\n +factor: float = 2\) -> y\n      Twice .*\n      .* below\.\n\n      - A point\.\n")
        self.assertRegex(text, r"\nBrings\n\n  std/conv +(.*\n +)?.*\bconv_transpose\b")
        self.assertNotIn("_hidden", text)
        self.assertLessEqual(max(map(len, text.splitlines())), 100)
        module = self.json("explain", path, "--stage", "docs")["module"]
        self.assertEqual(module["doc"], "A file that speaks\nof itself.")
        self.assertEqual([(d["kind"], d["name"], d["line"]) for d in module["declarations"]], [("fn", "twice", 8), ("layer", "scaled", 13)])
        self.assertEqual([(t["line"], t["uses"]) for t in module["tests"]], [(20, ["relu (std/scalar)", "softplus (std/scalar)"])])
        self.assertEqual([b["module"] for b in module["brings"]], ["std/conv"])
        page = self.dlc("explain", "mine.dlm", "--markdown").stdout
        self.assertTrue(page.startswith("## mine.dlm\n\nA file that speaks\nof itself.\n\n### Layers\n"))
        self.assertIn("\n\nA layer of one parameter.\n\n" + EXAMPLE, page)

    def test_of_a_declaration(self):
        self.write("mine.dlm", DOCUMENTED)
        text = self.dlc("explain", "mine.dlm", "scaled").stdout
        self.assertEqual(text, "layer scaled(x: f[N, C, L], w: f[C, C, 1]) -> y\n\n  A layer of one parameter.\n\n  " + EXAMPLE + "\n"
                               "  declared    mine.dlm:13\n  uses        constant (std/init), conv (std/conv)\n")
        self.assertIn("fn _hidden(x: f)\n", self.dlc("explain", "mine.dlm", "_hidden").stdout)
        imported, = self.json("explain", "mine.dlm", "conv_transpose")["declarations"]
        self.assertEqual((imported["kind"], imported["module"]), ("fn", "std/conv"))
        self.assertIn("std/nn", imported["brought_by"])

    def test_of_the_library(self):
        names = [m["name"] for m in self.json("explain", "std")["modules"]]
        self.assertEqual(names, sorted(names))
        self.assertLess({"std/nn", "std/nn/dense", "std/prelude", "std/optim"}, set(names))
        for name in names:
            text = self.dlc("explain", name).stdout
            self.assertEqual(text.split()[0], name)
            self.assertLessEqual(max(map(len, text.splitlines()[1:])), 100, text)
        dense, = self.json("explain", "dense")["declarations"]
        self.assertEqual((dense["kind"], dense["module"]), ("layer", "std/nn/dense"))
        self.assertTrue(dense["signature"].startswith("layer dense(x: f[.., K], units: int"), dense["signature"])
        self.assertIn("glorot_uniform (std/init)", dense["uses"])
        self.assertIn("std/nn", dense["brought_by"])
        self.assertIn("which every file sees without an import", self.dlc("explain", "relu").stdout)
        self.assertEqual(self.dlc("explain", "std/nn", "dense").stdout, self.dlc("explain", "dense").stdout)

    def test_of_nothing(self):
        self.write("mine.dlm", DOCUMENTED)
        self.error("explain", "std/nm", exit=2, says="no module `std/nm`", helps="did you mean `std/nn`?")
        self.error("explain", "dens", exit=2, says="called `dens`", helps="did you mean `dense`?")
        self.error("explain", "std/nn", "dens", exit=2, says="neither declares nor imports `dens`", helps="did you mean `dense`?")
        self.error("explain", "mine.dlm", "twise", exit=2, says="`mine.dlm` neither", helps="did you mean `twice`?")
        self.error("explain", "std/nn", "--stage", "graph", exit=2, says="`std/nn` is documented, not compiled")
        self.error("explain", "dense", "--markdown", exit=2, says="--markdown is for modules")
        self.error("explain", "std", "dense", exit=2, says="`std` is no module", helps="dlc explain dense")
        self.error("explain", "nothing.dlm", exit=3, says="cannot read `nothing.dlm`")


main()
