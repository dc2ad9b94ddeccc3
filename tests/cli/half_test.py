"""16-bit reals: `--float bf16`, and tensors of types f16 and bf16 in any program."""
import json
import math
import struct
import sys

sys.dont_write_bytecode = True
from command import Case, main, model
import arrays

PROGRAM = """import "std/linear"

fn triple(x: f[N]) -> y { y[i] = 3 * x[i] }
fn total(x: f[N]) = sum(x)
fn kernel(x: f[A, 3], w: f[3, B]) -> y { y[a, b] = tanh(sum[k](x[a, k] * w[k, b])) }
fn mixed(x: bf16[N], h: f16[N]) -> y, z {
  y[i] = x[i] * h[i]
  z[i] = bf16(h[i])
}
fn once(x: f64[N]) -> b, h {
  b[i] = f32(bf16(x[i]))
  h[i] = f32(f16(x[i]))
}
test "a sum of many terms is rounded once" {
  ones[i < 1000] = 1.0
  assert sum(ones) == 1000
}
test "products agree to the rounding of what is stored" {
  x[i < 8, j < 8] = 1 / (1 + i + j)
  y[i, k] = sum[j](x[i, j] * x[j, k])
  assert close(y[0, 0], 1.5274, 0.01)
}
"""


def rounded(x, bits):
    """To `bits` of significand, ties to even; for numbers of moderate size."""
    mantissa, exponent = math.frexp(x)
    return math.ldexp(round(math.ldexp(mantissa, bits)), exponent - bits)


def bf16(x):
    return rounded(x, 8)


def f16(x):
    return rounded(x, 11)


VALUES = [1 / 3, -0.7, 2.01, 1e-3, 100.3, -12345.6]


class Half(Case):
    def setUp(self):
        super().setUp()
        self.write("p.dlm", PROGRAM)

    def evaluate(self, call, given, *options):
        arrays.write_npz(self.path("in.npz"), given)
        self.dlc("run", "p.dlm", "--call", call, "--in", "in.npz", "--out", "out.npz", *options)
        return arrays.read_npz(self.path("out.npz"))

    def test_run_stores_rounded_values_and_writes_them_as_f32(self):
        for options in [(), ("--interpret",)]:
            out = self.evaluate("triple", {"x": VALUES}, "--float", "bf16", *options)["y"]
            self.assertEqual(out.dtype, "f32")
            self.assertEqual(out.values, [bf16(3 * bf16(x)) for x in VALUES])

    def test_a_sum_is_kept_in_f32(self):
        for options in [(), ("--interpret",)]:
            out = self.evaluate("total", {"x": [0.1] * 5000}, "--float", "bf16", *options)["result"]
            self.assertEqual(out.values, [bf16(5000 * bf16(0.1))])

    def test_compiled_and_interpreted_agree(self):
        given = {"x": arrays.array([math.sin(k) for k in range(15)], "f64", (5, 3)), "w": arrays.array([math.cos(k) for k in range(12)], "f64", (3, 4))}
        compiled = self.evaluate("kernel", given, "--float", "bf16")["y"].values
        interpreted = self.evaluate("kernel", given, "--float", "bf16", "--interpret")["y"].values
        self.assertEqual(compiled, [bf16(y) for y in compiled])
        for a, b in zip(compiled, interpreted):
            self.assertLessEqual(abs(a - b), 2**-7)  # a neighbour, where the stored sum was another

    def test_types_may_be_mixed(self):
        for options in [(), ("--interpret",)]:
            out = self.evaluate("mixed", {"x": VALUES, "h": VALUES}, *options)
            self.assertEqual(out["y"].dtype, "f32")
            self.assertEqual(out["y"].values, [struct.unpack("f", struct.pack("f", bf16(x) * f16(x)))[0] for x in VALUES])
            self.assertEqual(out["z"].values, [bf16(f16(x)) for x in VALUES])

    def test_a_conversion_from_f64_rounds_once(self):
        given = {"x": arrays.array([1 + 2**-8 + 2**-40, 1 + 2**-11 + 2**-45, -1 - 2**-8], "f64", (3,))}
        for options in [(), ("--interpret",)]:
            out = self.evaluate("once", given, *options)
            self.assertEqual(out["b"].values, [1 + 2**-7, 1, -1])
            self.assertEqual(out["h"].values, [1 + 2**-8, 1 + 2**-10, -1 - 2**-8])

    def test_tests_run_in_bf16(self):
        for options in [(), ("--compiled",)]:
            self.assertIn("2 passed", self.dlc("test", "p.dlm", "--float", "bf16", *options).stdout)

    def test_weights_are_kept_in_f32(self):
        self.dlc("train", model("xor"), "--float", "bf16", "--epochs", "3", "--out", "run", "-q")
        with open(self.path("run/last.safetensors"), "rb") as file:
            header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        self.assertEqual({entry["dtype"] for name, entry in header.items() if "dense" in name}, {"F32"})
        self.dlc("eval", model("xor"), "--float", "bf16", "-w", "run", "--split", "training")

    def test_small_steps_are_not_lost(self):
        # In 8 bits of significand 1 - 1e-3 is 1: a thousand steps of descent would leave the weight where it is.
        self.write("slow.dlm", """import "std/optim"
model Slow() {
  input x: f[Batch]
  param w: f[1] ~ 1.0
  state steps: f[1] = 0
  if training { steps <- steps + 1 }
  y[b] = w[0] * x[b]
  loss l = mean(y)
}
train { data = csv("x.csv")  batch = 4  optimizer = sgd(lr = 1e-3)  epochs = 300 }
""")
        self.write("x.csv", "x\n" + "1\n" * 4)
        self.dlc("train", "slow.dlm", "--float", "bf16", "--out", "slow", "-q")
        with open(self.path("slow/last.safetensors"), "rb") as file:
            header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
            data = file.read()
        number = lambda name: struct.unpack("<f", data[header[name]["data_offsets"][0]:header[name]["data_offsets"][1]])[0]
        self.assertAlmostEqual(number("w"), 0.7, delta=1e-3)
        self.assertEqual(number("state/steps"), 300)


main()
