#!/usr/bin/env python3
"""Every public function and layer of dsl/std against numbers that PyTorch computed (tests/oracles): values and gradients in f64.  All by the
interpreter, every ninth compiled too; tests/oracles/functions.py holds them all, to second order and in f32.

usage: oracles_test.py DLC
"""
import json
import os
import sys
import unittest

sys.dont_write_bytecode = True
DLC = os.path.abspath(sys.argv.pop(1)) if __name__ == "__main__" and len(sys.argv) > 1 else "dlc"
ORACLES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "oracles")
sys.path.insert(0, ORACLES)
import checksums
import library
import runs
from cases import mixed


class AgainstPyTorch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(os.path.join(ORACLES, "functions.json"), encoding="utf-8") as file:
            cls.reference = json.load(file)

    def hold(self, entry, *how):
        case, cotangents = checksums.read(entry)
        seed, key = self.reference["seed"], entry["key"]
        inputs = case.inputs(seed, key)
        inputs.update({"cotangent/" + name: spec.make(mixed(seed, key, "cotangent", name)) for name, spec in cotangents.items()})
        more = [*how, *(["--vjp"] if cotangents else [])]
        got = runs.call(DLC, entry["file"], entry["function"], entry.get("program"), inputs, case.statics, "f64", more)
        for name, wanted in entry["results"].items():
            self.assertLess(checksums.distance(checksums.checksum(name, got[name].values), wanted), 1e-9, f"{entry['key']}: {name}")

    def test_every_function_interpreted(self):
        for entry in self.reference["functions"]:
            with self.subTest(function=entry["key"]):
                self.hold(entry, "--interpret")

    def test_some_functions_compiled(self):
        for entry in self.reference["functions"][::9]:
            with self.subTest(function=entry["key"]):
                self.hold(entry)

    def test_every_function_has_numbers_or_a_reason(self):
        rows = {(entry["file"], entry["function"]) for entry in self.reference["functions"]}
        exempt = {(entry["file"], entry["function"]) for entry in self.reference["exempt"]}
        self.assertEqual(library.missing(rows, exempt), [])


if __name__ == "__main__":
    unittest.main()
