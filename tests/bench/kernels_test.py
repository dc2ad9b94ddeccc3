"""bench/kernels without timing: what it makes of recorded results, its options, and a few small cases against peers and interpreter.

usage: kernels_test.py DLC KERNEL_SERVER
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
DLC, SERVER = map(os.path.abspath, (sys.argv[1], os.path.join(os.path.dirname(sys.argv[2]), "kernel_server")))
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "bench"))
from common import documents, roofline
from kernel_cases import cases, measure, page, results, table

RECORDED = os.path.join(HERE, "recorded_kernels.json")


def kernels(*words):
    return subprocess.run([sys.executable, os.path.join(TOP, "bench", "kernels"), "--build", os.path.dirname(SERVER), *words], text=True, capture_output=True)


class Cases(unittest.TestCase):
    def test_names_are_unique(self):
        self.assertEqual(len({c["name"] for c in cases.CASES}), len(cases.CASES))

    def test_products_and_convolutions_are_many_and_half_of_the_products_are_odd(self):
        odd = [p for p in cases.PRODUCTS if any(extent % 8 for extent in p)]
        self.assertGreaterEqual(len(cases.PRODUCTS), 40)
        self.assertGreaterEqual(len(odd), len(cases.PRODUCTS) / 2)
        self.assertGreaterEqual(len(cases.CONVOLUTIONS), 20)

    def test_operations_are_those_of_the_textbook(self):
        operations = {c["name"]: c["operations"] for c in cases.CASES}
        self.assertEqual(operations["gemm NN 7x7x7"], 2 * 7**3)
        self.assertEqual(operations["conv forward 32x32x32 32-64 1x1 stride 2"], 2 * 32 * 16 * 16 * 32 * 64)
        self.assertEqual(operations["conv weight 8x28x28 128-128 3x3 depthwise"], 2 * 8 * 28 * 28 * 128 * 9)

    def test_every_equation_checks(self):
        for file in sorted({c["file"] for c in cases.CASES}):
            with self.subTest(file=file):
                process = subprocess.run([DLC, "check", file], text=True, capture_output=True)
                self.assertEqual(process.returncode, 0, process.stderr)


class Results(unittest.TestCase):
    def setUp(self):
        self.found = results.read([RECORDED])
        self.product, self.norm, self.alone = self.found["cases"]

    def test_a_ratio_is_that_of_the_fastest_way(self):
        self.assertEqual(results.best_peer(self.product), "sgemm")
        self.assertEqual(results.ratio(self.product), 1.5)
        self.assertEqual(results.best_peer(self.product, "us_median"), "matmul")
        self.assertAlmostEqual(results.mean_ratio(self.found["cases"]), (1.5 * 0.5) ** 0.5)

    def test_a_case_without_a_peer_counts_in_no_mean(self):
        self.assertIsNone(results.mean_ratio([self.alone]))
        self.assertEqual([row["name"] for row in results.below(self.found["cases"], results.LOW)], [self.norm["name"]])

    def test_rates_are_shares_of_what_as_many_threads_reach(self):
        rates = results.rates(self.product, self.found["limits"])
        # 1 Mflop and 0.4 MB in 20 us, of 100 GFLOP/s and 20 GB/s on one thread.
        for key, wanted in dict(gflops=50, gbs=20, of_peak=0.5, of_bandwidth=1, intensity=2.5).items():
            self.assertAlmostEqual(rates[key], wanted, msg=key)

    def test_the_table_shows_means_of_classes_and_what_is_low(self):
        text = "\n".join(table.document(self.found))
        self.assertRegex(text, r"(?m)^gemm NN 10x100x500 +1 +20\.0 +21\.0 +30\.0 +36\.0 +1\.50 +50\.0 +50% +20\.0 +100% +sgemm +gemm NN$")
        self.assertRegex(text, r"(?m)^layer norm +1 +- +0\.50 +0\.50 +0\.60 +1 +1$")
        self.assertIn("below 0.8: 0.50  layer norm forward 10x10, 2 threads  (layer normalization)", text)
        self.assertIn("1 without a peer", text)
        self.assertNotIn("WRONG", text)

    def test_disagreement_is_shown_and_ends_with_1(self):
        self.norm["agrees"] = False
        self.norm["distances"]["layer normalization"] = 0.25
        self.assertIn("WRONG: layer norm forward 10x10: layer normalization 2.5e-01", "\n".join(table.document(self.found)))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "wrong.json")
            documents.write(path, self.found)
            self.assertEqual(kernels("--read", path).returncode, 1)

    def test_the_parts_of_a_run_make_one_document(self):
        part = copy.deepcopy(self.found)
        part["cases"] = [{**self.product, "threads": 2}, {**self.norm, "dlc": {"us_min": 1.0, "us_median": 1.0, "samples": 1}}]
        part["limits"] = {"2": {**self.found["limits"]["2"], "gflops": 250}}
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "part.json")
            documents.write(path, part)
            whole = results.read([RECORDED, path])
            self.assertEqual(len(whole["cases"]), 4)
            self.assertEqual([row["dlc"]["us_min"] for row in whole["cases"] if row["class"] == "layer norm"], [1.0])
            self.assertEqual((whole["limits"]["1"]["gflops"], whole["limits"]["2"]["gflops"]), (100, 250))
            documents.write(path, {**part, "commit": "fffffff"})
            process = kernels("--read", RECORDED, path)
            self.assertEqual(process.returncode, 3)
            self.assertIn("its commit is another: fffffff, not 1234567", process.stderr)

    def test_another_document_is_refused(self):
        process = kernels("--read", os.path.join(HERE, "recorded.json"))
        self.assertEqual(process.returncode, 3)
        self.assertIn("is no document of bench/kernels: its schema is 'dlc.bench.step/1'", process.stderr)


class Comparisons(unittest.TestCase):
    def setUp(self):
        self.old = results.read([RECORDED])
        self.new = copy.deepcopy(self.old)

    def test_a_slower_case_is_named_and_its_class(self):
        self.new["cases"][0]["dlc"]["us_min"] *= 1.5
        lines, slower = table.comparison(self.old, self.new)
        self.assertEqual(slower, ["gemm NN 10x100x500 (1 threads)", "class gemm NN"])
        self.assertTrue(any(re.match(r"gemm NN 10x100x500 +1 +20\.0 +30\.0 +0\.67 +1\.00 +0\.67$", line) for line in lines), lines)

    def test_a_slower_machine_is_not_a_slower_kernel(self):
        for row in self.new["cases"][:2]:
            for side in (row["dlc"], *row["peers"].values()):
                side["us_min"] *= 1.5
        self.assertEqual(table.comparison(self.old, self.new)[1], [])

    def test_a_case_that_scatters_alone_is_no_regression(self):
        self.new["cases"] += [{**copy.deepcopy(self.new["cases"][0]), "name": f"other {i}"} for i in range(9)]
        self.old["cases"] += [{**copy.deepcopy(self.old["cases"][0]), "name": f"other {i}"} for i in range(9)]
        self.new["cases"][0]["dlc"]["us_min"] *= 1.15
        self.assertEqual(table.comparison(self.old, self.new)[1], [])

    def test_compare_ends_with_0_where_nothing_is_slower_and_1_where_something_is(self):
        self.assertEqual(kernels("--compare", RECORDED, RECORDED).returncode, 0)
        self.new["cases"][0]["dlc"]["us_min"] *= 1.5
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "new.json")
            documents.write(path, self.new)
            process = kernels("--compare", RECORDED, path)
        self.assertEqual(process.returncode, 1)
        self.assertIn("slower: gemm NN 10x100x500 (1 threads), class gemm NN", process.stderr)


class Pages(unittest.TestCase):
    def setUp(self):
        self.page = page.page(results.read([RECORDED]))

    def test_nothing_is_loaded(self):
        self.assertEqual(re.findall(r"<script|<link|<img|@import|url\(|https?:", self.page), [])

    def test_cases_that_multiply_are_points_of_their_number_of_threads(self):
        plots = re.findall(r"<svg.*?</svg>", self.page, re.S)
        self.assertEqual(len(plots), 1)
        points = [p for p in xml.etree.ElementTree.fromstring(plots[0]).iter("circle") if p.get("class") == "point"]
        self.assertEqual([p.find("title").text.split(":")[0] for p in points], ["gemm NN 10x100x500"])
        self.assertTrue(all(0 < float(p.get("cx")) < roofline.WIDTH and 0 < float(p.get("cy")) < roofline.HEIGHT for p in points))


class Choices(unittest.TestCase):
    def test_one_and_two_parameters_are_changed(self):
        self.assertEqual(list(measure.choices({"a": [1, 2], "b": [3, 4, 5]})),
                         [{}, {"a": 2}, {"a": 2, "b": 4}, {"a": 2, "b": 5}, {"b": 4}, {"b": 5}])


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        os.environ["XDG_CACHE_HOME"] = temporary.name

    def test_small_cases_of_every_kind_agree(self):
        for name in ("gemm NN 7x7x7", "gemm TN 33x65x17", "layer 77x333x99", "conv forward 5x17x17 7-13 3x3", "conv data 3x31x31 19-37 5x5 stride 2",
                     "conv weight 5x17x17 7-13 3x3", "cross-entropy 128x10", "softmax 33x1001", "layer norm both 77x1023", "batch norm both 5x17x17x13",
                     "sum columns 1000x37", "max all 1000x37", "prefix rows 64x4096", "adam 1000", "momentum 1000", "attention both 4x4x65x24",
                     "lstm step 20x75x150", "lstm both 20x7x50x75", "tanh 32768", "max pool both 5x15x15x13"):
            with self.subTest(case=name):
                process = kernels("--check", "--only", name, "--threads", "2")
                self.assertEqual(process.returncode, 0, process.stdout + process.stderr)
                self.assertRegex(process.stdout, r"(?m)^[1-9]\d* of \d+ results are held against others, 0 of them are wrong$")

    def test_times_and_limits_come_out_of_a_run(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "run.json")
            process = kernels("--only", "momentum 1000", "--threads", "1", "--rounds", "1", "--seconds", "0.001", "--json", path)
            self.assertEqual(process.returncode, 0, process.stderr)
            found = results.read([path])
        self.assertEqual({row["name"] for row in found["cases"]}, {"momentum 1000", "momentum 10000000", "momentum 100003"})
        self.assertGreater(found["limits"]["1"]["gflops"], 1)
        for row in found["cases"]:
            self.assertIn("loop", row["peers"])
            self.assertGreater(row["dlc"]["us_min"], 0)

    def test_a_case_that_ends_the_server_is_named_and_the_rest_goes_on(self):
        said = []
        bad = {**cases.CASES[0], "name": "bad", "call": "nothing"}
        settings = type("Arguments", (), dict(build=os.path.dirname(SERVER), threads=[1]))
        good = next(c for c in cases.CASES if c["name"] == "momentum 1000")
        rows, failed = measure.check([bad, good], settings, said.append)
        self.assertEqual((failed, [row["name"] for row in rows]), (1, ["momentum 1000"]))
        self.assertRegex(said[0], "^bad: .*nothing")

    def test_wrong_options_are_usage_errors(self):
        for words, says in ((["--classes", "gem"], "nothing is called `gem`"), (["--only", "gemm ZZ"], "has `gemm ZZ` in its name"),
                            (["--threads", "0"], "no list of numbers of threads")):
            process = kernels(*words)
            self.assertEqual(process.returncode, 2)
            self.assertIn(says, process.stderr)

    def test_a_build_that_is_not_there_is_said(self):
        process = kernels("--build", "build/nowhere", "--only", "momentum 1000")
        self.assertEqual(process.returncode, 3)
        self.assertIn("build/nowhere", process.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
