"""scripts/bootstrap on machines that lack something: each failure says what failed, why and what to do.  The machine is played by programs that
stand before the real ones in PATH."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
from command import TOP, main

HALIDE = "halide-21.0.0.dist-info"
PIP_WITHOUT_NETWORK = """WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by 'SSLError(SSLCertVerificationError(1, 'self-signed certificate'))': /simple/halide/
ERROR: Could not find a version that satisfies the requirement halide==21.0.0 (from versions: none)
ERROR: No matching distribution found for halide==21.0.0
"""
APT_WITHOUT_NETWORK = """W: Failed to fetch http://deb.debian.org/debian/dists/bookworm/InRelease  Temporary failure resolving 'deb.debian.org'
E: Unable to locate package cmake
"""


class Bootstrap(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.top, True)
        os.makedirs(self.path("scripts"))
        os.makedirs(self.path("bin"))
        shutil.copy(os.path.join(TOP, "scripts", "bootstrap"), self.path("scripts/bootstrap"))
        # Everything is there: all packages, an unpacked wheel, and a cmake that has nothing to do.
        self.program("dpkg-query", 'shift 2; for p; do case $p in libboost1.74-dev|libboost-dev) ;; *) echo "$p/installed" ;; esac; done')
        self.program("cmake", 'echo "cmake $*" >>"$CALLS"')
        self.program("apt-get", 'echo "apt-get $*" >>"$CALLS"')
        self.wheel()

    def path(self, name):
        return os.path.join(self.top, name)

    def program(self, name, body, folder="bin"):
        os.makedirs(self.path(folder), exist_ok=True)
        with open(self.path(f"{folder}/{name}"), "w") as file:
            file.write("#!/bin/bash\n" + body + "\n")
        os.chmod(file.name, 0o755)

    def wheel(self, size=4):
        site = self.path(".venv/lib/python3.11/site-packages")
        os.makedirs(f"{site}/halide/lib64", exist_ok=True)
        os.makedirs(f"{site}/{HALIDE}", exist_ok=True)
        with open(f"{site}/halide/lib64/libHalide.so", "w") as file:
            file.write("x" * size)
        with open(f"{site}/{HALIDE}/RECORD", "w") as file:
            file.write(f"halide/lib64/libHalide.so,sha256=0,4\n{HALIDE}/RECORD,,\n")

    def bootstrap(self, *words, exit=0, errors=1, **environment):
        process = subprocess.run([self.path("scripts/bootstrap"), *words], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                 env={**os.environ, "PATH": self.path("bin") + ":" + os.environ["PATH"], "CALLS": self.path("calls"), "DLC_WHEELS": "", **environment})
        self.assertEqual(process.returncode, exit, process.stderr)
        said = [line for line in process.stderr.splitlines() if line.startswith("bootstrap: error: ")]
        self.assertEqual(len(said), errors if exit else 0, process.stderr)
        return process.stdout + process.stderr

    def calls(self):
        with open(self.path("calls")) as file:
            return file.read().splitlines()

    def test_nothing_to_do(self):
        for preset in ("release", "asan"):
            self.bootstrap("--offline", "--preset", preset)
        self.assertEqual(self.calls(), [f"cmake {'--build ' if build else ''}--preset {p}" for p in ("release", "asan") for build in (0, 1)])

    def test_command_runs_from_the_top(self):
        self.assertIn(os.path.realpath(self.top) + "\n", self.bootstrap("--", "pwd", "-P"))
        self.bootstrap("--", "bash", "-c", "exit 7", exit=7, errors=0)

    def test_usage(self):
        for words, says in [(["--preset", "releas"], "no preset 'releas'"), (["--preset", ".*"], "no preset"), (["--preset"], "needs a name"), (["--of"], "unknown option '--of'"),
                            (["build/release/dlc"], "behind --")]:
            self.assertIn(says, self.bootstrap(*words, exit=2))

    def test_missing_packages(self):
        self.program("dpkg-query", 'shift 2; for p; do case $p in cmake|libboost*) ;; *) echo "$p/installed" ;; esac; done')
        self.assertIn("--offline, but Debian packages are missing: cmake libboost1.81-dev", self.bootstrap("--offline", exit=3))
        self.bootstrap()
        self.assertTrue(any(c.startswith("apt-get install") and c.endswith(" cmake libboost1.81-dev") for c in self.calls()), self.calls())
        # The first cause, not the last consequence.
        self.program("apt-get", f"cat <<'T' >&2\n{APT_WITHOUT_NETWORK}T\nexit 100")
        self.assertIn("Temporary failure resolving 'deb.debian.org'", self.bootstrap(exit=3))
        self.program("id", 'case "$*" in -u) echo 1000 ;; *) echo someone ;; esac')
        self.program("sudo", "echo 'sudo: a password is required' >&2; exit 1")
        self.assertIn("sudo: a password is required", self.bootstrap(exit=3))

    def test_no_sudo(self):
        self.program("dpkg-query", "exit 1")
        self.program("id", 'case "$*" in -u) echo 1000 ;; *) echo someone ;; esac')
        for tool in ("bash", "dirname", "sed", "tr", "cat", "df", "awk"):
            os.symlink(shutil.which(tool), self.path("bin/" + tool))
        text = self.bootstrap(exit=3, PATH=self.path("bin"))
        self.assertIn("installing packages needs root: g++ cmake", text)
        self.assertIn("as root run: apt-get install", text)

    def test_pip_without_network(self):
        shutil.rmtree(self.path(".venv"))
        self.program("python", f'[ "$3" = --version ] && exit 0\ncat <<\'T\' >&2\n{PIP_WITHOUT_NETWORK}T\nexit 1', ".venv/bin")
        text = self.bootstrap(exit=3)
        self.assertIn("no connection: 'SSLError(SSLCertVerificationError", text)
        self.assertIn("DLC_WHEELS=FOLDER", text)
        self.assertIn("Halide 21.0.0 is not in .venv", self.bootstrap("--offline", exit=3))
        self.assertIn("holds no wheel of halide 21.0.0", self.bootstrap(exit=3, DLC_WHEELS=self.path("bin")))

    def test_half_a_wheel_is_installed_again(self):
        self.wheel(size=3)
        self.program("python", f'echo "$*" >>"$CALLS"\n[ "$3" = --version ] || printf xxxx >"{self.path(".venv/lib/python3.11/site-packages/halide/lib64/libHalide.so")}"', ".venv/bin")
        self.bootstrap()
        self.assertTrue(any("pip install" in c and "--force-reinstall" in c for c in self.calls()), self.calls())
        # An installation that fails without saying so does not go on to build.
        self.wheel(size=3)
        self.program("python", "exit 0", ".venv/bin")
        self.assertIn("not what its list says", self.bootstrap(exit=3))

    def test_environment_that_lost_its_interpreter(self):
        self.wheel(size=3)
        os.makedirs(self.path(".venv/bin"))
        os.symlink("/nowhere/python3", self.path(".venv/bin/python"))
        self.program("python3", f'if [ "$1" = -m ]; then echo "$*" >>"$CALLS"; echo "Error: no ensurepip" >&2; exit 1; fi; exec {sys.executable} "$@"')
        text = self.bootstrap(exit=3)
        self.assertIn("-m venv --clear .venv", self.calls()[0])
        self.assertIn("Error: no ensurepip", text)

    def test_full_disk(self):
        self.program("df", "echo Filesystem; echo /dev/x 100 100 3 100% /")
        self.program("cmake", '[ "$1" != --build ]')
        self.assertIn("the disk is full: 3 MiB are left", self.bootstrap(exit=3))
        self.wheel(size=3)
        self.assertIn("3 MiB are left", self.bootstrap(exit=3))

    def test_folder_left_half_made(self):
        os.makedirs(self.path("build/release"))
        open(self.path("build/release/CMakeCache.txt"), "w").close()
        self.program("cmake", 'echo "cmake $*" >>"$CALLS"; [ "$1" = --fresh ] || [ "$1" = --build ]')
        self.assertIn("once more from scratch", self.bootstrap())
        self.assertEqual(self.calls(), ["cmake --preset release", "cmake --fresh --preset release", "cmake --build --preset release"])
        self.program("cmake", "echo 'CMake Error at CMakeLists.txt:1: no compiler' >&2; exit 1")
        self.assertIn("CMake Error at CMakeLists.txt:1: no compiler", self.bootstrap(exit=3))

    def test_unwritable_tree(self):
        if os.geteuid() == 0 and not shutil.which("setpriv"):
            self.skipTest("root may write anywhere, and there is no setpriv to become another user")
        os.chmod(self.top, 0o555)
        self.addCleanup(os.chmod, self.top, 0o755)
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        process = subprocess.run([*user, self.path("scripts/bootstrap")], text=True, capture_output=True)
        self.assertEqual(process.returncode, 3, process.stderr)
        self.assertRegex(process.stderr, r"^bootstrap: error: .* is not writable by ")


main()
