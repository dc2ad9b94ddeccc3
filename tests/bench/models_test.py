"""Every model of bench/models that bench/step times: it checks, its step trains, and the step's server says what it moves and takes.

usage: models_test.py DLC STEP_SERVER
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
DLC, SERVER = map(os.path.abspath, sys.argv[1:3])
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "bench"))
from steps import cases, tensors


def file_of(name):
    return os.path.join(TOP, "bench", "models", name + ".dlm")


class Models(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = temporary.name
        cls.environment = {**os.environ, "XDG_CACHE_HOME": cls.folder}

    def serve(self, name, *lines, threads="2"):
        """The server's facts and its answers."""
        data = os.path.join(self.folder, name + ".safetensors")
        tensors.write(data, cases.data(name))
        process = subprocess.run([SERVER, file_of(name), threads, "f32", "--data", data], input="".join(line + "\n" for line in lines), text=True,
                                 capture_output=True, env=self.environment)
        self.assertEqual(process.returncode, 0, process.stderr)
        facts, *answers = process.stdout.splitlines()
        return json.loads(facts), answers

    def test_check(self):
        for name in cases.CASES:
            with self.subTest(model=name):
                process = subprocess.run([DLC, "check", file_of(name)], text=True, capture_output=True)
                self.assertEqual(process.returncode, 0, process.stderr)

    def test_steps_lower_the_loss(self):
        for name in cases.CASES:
            with self.subTest(model=name):
                facts, answers = self.serve(name, "losses 5", "multiply_adds")
                losses = [float(word) for word in answers[0].split()]
                self.assertEqual(len(losses), 5)
                self.assertLess(losses[-1], 0.99 * losses[0])
                self.assertGreater(int(answers[1]), 1e8)
                self.assertGreater(facts["bytes_moved"], facts["memory_bytes"] / 2)
                self.assertGreaterEqual(facts["calls"], facts["kernels"])

    def test_any_number_of_threads_gives_the_same_bits(self):
        for name in cases.CASES:
            with self.subTest(model=name):
                saved = []
                for threads in "1", "2", "3":
                    file = os.path.join(self.folder, "of_" + threads)
                    self.serve(name, "2", f"save {file}", threads=threads)
                    with open(file, "rb") as checkpoint:
                        saved.append(checkpoint.read())
                self.assertEqual(saved[0], saved[1])
                self.assertEqual(saved[0], saved[2])

    def test_the_server_times_saves_and_measures(self):
        saved = os.path.join(self.folder, "saved.safetensors")
        facts, (before, times, _, _, memory, peak, bandwidth) = self.serve("mlp", f"save {saved}", "3", f"save {saved}", "forget", "memory", "peak",
                                                                           "bandwidth 262144")
        self.assertEqual(before, "")
        self.assertEqual(len(times.split()), 3)
        self.assertTrue(all(float(ms) > 0 for ms in times.split()))
        kept = tensors.read(saved)
        self.assertEqual(kept["dense_1.weight"].shape, (512, 784))
        self.assertEqual(kept["optimizer/m/dense_1.weight"].shape, (512, 784))
        self.assertGreater(float(memory), facts["memory_bytes"] / 2)
        self.assertGreater(float(peak), 1)
        self.assertEqual(len(bandwidth.split()), 2)

    def test_data_of_another_shape_is_refused(self):
        data = os.path.join(self.folder, "wrong.safetensors")
        tensors.write(data, {"x": tensors.tensor("F32", (2, 2), [0.0] * 4)})
        process = subprocess.run([SERVER, file_of("mlp"), "2", "f32", "--data", data], text=True, input="", capture_output=True, env=self.environment)
        self.assertEqual(process.returncode, 1)
        self.assertIn("has no `x` of f32[128, 784]", process.stderr)

    def test_an_unknown_line_is_an_error(self):
        process = subprocess.run([SERVER, file_of("mlp"), "2", "f32"], text=True, input="faster\n", capture_output=True, env=self.environment)
        self.assertEqual(process.returncode, 1)
        self.assertIn("nothing is called `faster`", process.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
