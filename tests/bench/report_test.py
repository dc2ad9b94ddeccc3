"""bench/step without peers and without a compiler: what it makes of recorded results, its options, the data it gives to all sides.

usage: report_test.py
"""
import copy
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "bench"))
from common import roofline
from steps import agreement, cases, page, results, table, tensors

RECORDED = os.path.join(HERE, "recorded.json")


def step(*words):
    return subprocess.run([sys.executable, os.path.join(TOP, "bench", "step"), *words], text=True, capture_output=True)


class Documents(unittest.TestCase):
    def setUp(self):
        self.found = results.read(RECORDED)

    def test_ratios_are_those_of_the_best_peer(self):
        mlp, gcn = self.found["models"]
        self.assertEqual(results.best_peer(mlp), "jax")
        self.assertEqual(results.ratio(mlp, "jax"), 1.5)
        self.assertAlmostEqual(results.best_ratio([mlp, gcn]), (1.5 * 0.5) ** 0.5)
        self.assertIsNone(results.best_ratio([{**mlp, "peers": {}}]))

    def test_rates_are_shares_of_the_limits(self):
        rates = results.rates(self.found["models"][0], self.found["limits"])
        # 150 M multiply-adds and 30 MB in 2 ms, of 200 GFLOP/s and 20 GB/s.
        for key, wanted in dict(gflops=150, gbs=15, of_peak=0.75, of_bandwidth=0.75, intensity=10).items():
            self.assertAlmostEqual(rates[key], wanted, msg=key)

    def test_the_table_has_a_dash_where_a_peer_is_missing_and_says_why(self):
        text = "\n".join(table.document(self.found))
        self.assertRegex(text, r"(?m)^gcn +10\.00 +11\.00 +5\.00 +5\.50 +0\.50 +- +- +- +0\.50 +0\.50 +0\.50$")
        self.assertIn("gcn: JAX does not run: ModuleNotFoundError", text)

    def test_the_table_stands_without_any_peer(self):
        for row in self.found["models"]:
            row["peers"] = {}
        self.assertRegex("\n".join(table.document(self.found)), r"(?m)^mlp +2\.00 +2\.50$")
        self.assertIn("No peer ran", page.page(self.found))

    def test_another_document_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "other.json")
            with open(path, "w") as file:
                json.dump({"schema": "other/1"}, file)
            with self.assertRaisesRegex(ValueError, "other/1"):
                results.read(path)
            self.assertEqual(step("--read", path).returncode, 3)


class Comparisons(unittest.TestCase):
    def setUp(self):
        self.old = results.read(RECORDED)
        self.new = copy.deepcopy(self.old)

    def test_a_slower_model_is_named(self):
        self.new["models"][0]["dlc"]["ms_min"] *= 1.2
        lines, slower = table.comparison(self.old, self.new)
        self.assertEqual(slower, ["mlp"])
        self.assertRegex(lines[1], r"^mlp +2\.00 +2\.40 +0\.83 +1\.00 +0\.83 ")

    def test_a_slower_machine_is_not_a_slower_model(self):
        for row in self.new["models"]:
            for side in (row["dlc"], *row["peers"].values()):
                side["ms_min"] *= 1.5
        self.assertEqual(table.comparison(self.old, self.new)[1], [])

    def test_other_settings_are_not_compared(self):
        self.new["settings"]["sparse"] = True
        with self.assertRaisesRegex(ValueError, "sparse"):
            table.comparison(self.old, self.new)

    def test_a_model_that_is_new_is_left_out(self):
        self.new["models"][0]["model"] = "other"
        self.assertEqual([d["model"] for d in results.differences(self.old, self.new)], ["gcn"])


class Pages(unittest.TestCase):
    def setUp(self):
        self.page = page.page(results.read(RECORDED))

    def test_nothing_is_loaded(self):
        self.assertEqual(re.findall(r"<script|<link|<img|@import|url\(|https?:", self.page), [])

    def test_is_well_formed(self):
        xml.etree.ElementTree.fromstring(self.page.replace("<!DOCTYPE html>", "").replace('<meta charset="utf-8">', "").replace(
            '<meta name="viewport" content="width=device-width, initial-scale=1">', ""))

    def test_text_of_the_document_is_text(self):
        self.assertIn("A processor &amp; its &lt;name&gt;", self.page)

    def test_each_model_is_a_point_below_the_peak(self):
        svg = xml.etree.ElementTree.fromstring(re.search(r"<svg.*</svg>", self.page, re.S)[0])
        points = {p.find("title").text.split(":")[0]: (float(p.get("cx")), float(p.get("cy"))) for p in svg.iter("circle") if p.get("class") == "point"}
        self.assertEqual(set(points), {"mlp", "gcn"})
        self.assertGreater(points["mlp"][0], points["gcn"][0])  # more operations a byte lie to the right
        self.assertLess(points["mlp"][1], points["gcn"][1])     # more of them a second lie above
        flat = float(next(p.get("d") for p in svg.iter("path") if p.get("class") == "roof").split()[-1])
        for x, y in points.values():
            self.assertGreater(y, flat)
            self.assertTrue(0 < x < roofline.WIDTH and 0 < y < roofline.HEIGHT)


class Data(unittest.TestCase):
    def test_comes_back_from_a_file(self):
        written = cases.data("lstm")
        with tempfile.TemporaryDirectory() as folder:
            tensors.write(os.path.join(folder, "data.safetensors"), written)
            self.assertEqual(tensors.read(os.path.join(folder, "data.safetensors")), written)

    def test_the_graph_has_both_directions_of_each_edge_once(self):
        given = cases.data("gcn")
        edges = list(zip(given["from"].values, given["to"].values))
        self.assertEqual(len(set(edges)), 10556)
        self.assertEqual({(b, a) for a, b in edges}, set(edges))
        self.assertTrue(all(a != b for a, b in edges))

    def test_is_the_same_each_time(self):
        self.assertEqual(cases.data("gpt"), cases.data("gpt"))


class Agreement(unittest.TestCase):
    def gradients(self, *values):
        return {name: tensors.tensor("F64", (len(v),), v) for name, v in zip("abc", values)}

    def test_names_the_parameter_that_differs_most(self):
        worst, where = agreement.compare(self.gradients([3.0, 4.0], [1.0]), self.gradients([3.0, 4.5], [1.5]))
        self.assertEqual(where, "b")
        self.assertAlmostEqual(worst, 1 / 3)

    def test_a_gradient_that_is_all_rounding_is_held_against_the_others(self):
        self.assertLess(agreement.compare(self.gradients([1.0], [1e-9]), self.gradients([1.0], [-1e-9]))[0], 1e-4)

    def test_a_missing_parameter_is_no_agreement(self):
        self.assertEqual(agreement.compare(self.gradients([1.0]), self.gradients([1.0], [1.0]))[0], float("inf"))


class Commands(unittest.TestCase):
    def test_an_earlier_run_is_shown_and_made_a_page(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "page.html")
            process = step("--read", RECORDED, "--html", path)
            self.assertEqual(process.returncode, 0, process.stderr)
            self.assertIn("geometric mean of the ratios to the best peer of each model: 0.87", process.stdout)
            with open(path) as file:
                self.assertIn("<svg", file.read())

    def test_compare_ends_with_0_where_nothing_is_slower(self):
        self.assertEqual(step("--compare", RECORDED, RECORDED).returncode, 0)

    def test_an_unknown_model_is_a_usage_error(self):
        process = step("--models", "mpl")
        self.assertEqual(process.returncode, 2)
        self.assertIn("nothing is called `mpl`", process.stderr)

    def test_a_build_that_is_not_there_is_said(self):
        process = step("--build", "build/nowhere", "--models", "mlp")
        self.assertEqual(process.returncode, 3)
        self.assertIn("build/nowhere", process.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
