"""`dlc train --batches`: the arrays say how large a batch is."""
import json, os, subprocess, sys, tempfile, unittest

import arrays

DLC = os.path.abspath(sys.argv[1])
MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../models/xor/model.dlm")


class Batches(unittest.TestCase):
    def test_a_size_other_than_the_recipes(self):
        with tempfile.TemporaryDirectory() as folder:
            batches, log = os.path.join(folder, "b.npz"), os.path.join(folder, "log.jsonl")
            arrays.write_npz(batches, {"x": [[[0.0, 1.0], [1.0, 1.0]]] * 3, "y": [[1.0, 0.0]] * 3})
            run = subprocess.run([DLC, "train", MODEL, "--batches", batches, "--steps", "3", "--float", "f64", "--log", log], capture_output=True,
                                 text=True, env=dict(os.environ, XDG_CACHE_HOME=folder))
            self.assertEqual(run.returncode, 0, run.stderr)
            steps = [json.loads(line) for line in open(log)]
            losses = [s["values"]["cross_entropy"] for s in steps if s["event"] == "step"]
            self.assertEqual(len(losses), 3)
            self.assertLess(losses[2], losses[0])

    def test_a_size_the_command_line_contradicts(self):
        with tempfile.TemporaryDirectory() as folder:
            batches = os.path.join(folder, "b.npz")
            arrays.write_npz(batches, {"x": [[[0.0, 1.0], [1.0, 1.0]]], "y": [[1.0, 0.0]]})
            run = subprocess.run([DLC, "train", MODEL, "--batches", batches, "--dim", "Batch=5"], capture_output=True, text=True,
                                 env=dict(os.environ, XDG_CACHE_HOME=folder))
            self.assertEqual(run.returncode, 1)
            self.assertIn("E0452", run.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
