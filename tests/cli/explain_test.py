"""`dlc explain`: every stage of every model, and one page over all of them."""
import re
import sys

sys.dont_write_bytecode = True
from command import Case, main, model

STAGES = ["ast", "graph", "gradient", "simplified", "kernels", "plan", "halide", "asm"]


class Stages(Case):
    def test_every_stage_of_the_small_models(self):
        for name in ("xor", "softmax_regression"):
            for stage in STAGES:
                text = self.dlc("explain", model(name), "--stage", stage).stdout
                self.assertGreater(len(text.splitlines()), 4, (name, stage))

    def test_stages_before_code_of_the_others(self):
        for name in ("mlp", "lenet"):
            for stage in STAGES[:6]:
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


main()
