"""A start from the cache does and says what the first start did."""
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import arrays
from command import Case, DLC, main, model

XOR = model("xor")
FROM_CACHE = "plan from the cache "


class Cache(Case):
    def test_copies_of_the_program_share_it(self):
        def kernels(program, folder):
            said = subprocess.run([program, "train", XOR, "--epochs", "1", "--out", folder], cwd=self.folder, env=self.environment, stderr=subprocess.PIPE, text=True).stderr
            return re.search(r"(\d+) kernels \((\d+) from the cache\)", said).groups()
        kernels(DLC, "a")
        again = kernels(DLC, "b")
        self.assertNotEqual(again[1], "0")
        shutil.copyfile(DLC, self.path("other"))
        os.chmod(self.path("other"), 0o755)
        os.utime(self.path("other"), (0, 0))
        self.assertEqual(kernels(self.path("other"), "c"), again)

    def train(self, folder, *words):
        """What `train` says of the time it takes to start, and the parameters at the end."""
        said = self.dlc("-v", "train", XOR, "--epochs", "3", "--out", folder, "--save", folder + ".safetensors", *words).stderr
        return said, self.read(folder + ".safetensors", "rb")

    def entries(self, kind):
        folder = os.path.join(self._cache.name, "dlc", "kernels")
        return [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(kind)]

    def test_a_start_from_the_cache_trains_alike(self):
        first, parameters = self.train("first", "--no-cache")
        self.assertIn("passes ", first)
        self.train("second")
        third, same = self.train("third")
        self.assertIn(FROM_CACHE, third)
        self.assertNotIn("passes ", third)
        self.assertRegex(third, r"(\d+) kernels \(\1 from the cache\)")
        self.assertEqual(same, parameters)

    def test_a_damaged_plan_is_made_again(self):
        _, parameters = self.train("a")
        for plan in self.entries(".plan"):
            with open(plan, "r+b") as file:
                file.seek(100)
                byte = file.read(1)
                file.seek(100)
                file.write(bytes([byte[0] ^ 1]))
        again, same = self.train("b")
        self.assertNotIn(FROM_CACHE, again)
        self.assertEqual(same, parameters)
        self.assertIn(FROM_CACHE, self.train("c")[0])

    def test_a_plan_without_a_kernel_is_made_again(self):
        self.train("a")
        os.remove(self.entries(".so")[0])
        for kernel in self.entries(".so")[1:]:
            os.truncate(kernel, 100)
        again, _ = self.train("b")
        self.assertNotIn(FROM_CACHE, again)
        self.assertIn(FROM_CACHE, self.train("c")[0])

    def test_errors_point_into_the_text_as_it_is_now(self):
        source = "fn pick(table: f[N], at: i32[M]) -> y { y[m] = table[at[m]] }\n"
        arrays.write_npz(self.path("in.npz"), {"table": [1.0, 2.0], "at": arrays.array([0, 2], "i32")})
        for lines in (0, 0, 2, 2, 0):
            self.write("pick.dlm", "# A comment.\n" * lines + source)
            said = self.dlc("run", "pick.dlm", "--call", "pick", "--in", "in.npz", exit=1).stderr
            self.assertIn(f"pick.dlm:{lines + 1}:", said)


main()
