"""Runs the command under test, argv[1], as a user would: in a folder of its own, with a cache of its own."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DLC = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "dlc"


def model(name):
    return os.path.join(TOP, "models", name, "model.dlm")


def finished(process):
    return f"$ {' '.join(process.args)}\n{process.stdout}{process.stderr}[exit {process.returncode}]"


class Case(unittest.TestCase):
    """A folder for each test, a kernel cache for each class."""

    @classmethod
    def setUpClass(cls):
        cls._cache = tempfile.TemporaryDirectory()
        cls.environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "CI")}
        cls.environment["XDG_CACHE_HOME"] = cls._cache.name

    @classmethod
    def tearDownClass(cls):
        cls._cache.cleanup()

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)
        return self.path(name)

    def read(self, name, mode="r"):
        with open(self.path(name), mode) as file:
            return file.read()

    def dlc(self, *words, exit=0, environment=None, **more):
        """The finished process, whose exit status must be `exit`."""
        process = subprocess.run([DLC, *words], cwd=self.folder, env={**self.environment, **(environment or {})}, text=True,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, **more)
        self.assertEqual(process.returncode, exit, finished(process))
        return process

    def json(self, *words, **more):
        """The document that --json prints, which names its schema."""
        document = json.loads(self.dlc(*words, "--json", **more).stdout)
        self.assertTrue(document["schema"].startswith("dlc."), document["schema"])
        return document

    def error(self, *words, exit, code=None, says=(), helps=None):
        """The standard error of a command that fails: one error, with these words in it; nothing on standard output."""
        process = self.dlc(*words, exit=exit)
        text = process.stderr
        self.assertEqual(process.stdout, "", finished(process))
        errors = [line for line in text.splitlines() if line.startswith(("error[", "dlc: error:"))]
        self.assertEqual(len(errors), 1, finished(process))
        if code:
            self.assertTrue(errors[0].startswith(f"error[{code}]: "), finished(process))
        for word in [says] if isinstance(says, str) else says:
            self.assertIn(word, text, finished(process))
        if helps:
            self.assertIn("help: " + helps, text, finished(process))
        return text


def main():
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
