"""`dlc run`: one function, layer or model on arrays from a file."""
import math
import sys

sys.dont_write_bytecode = True
from command import Case, main, model
import arrays

PROGRAM = """import "std/nn"

fn square(x: f[N], k: float = 2) -> y, c {
  y[i] = k * x[i] * x[i]
  c = sum(y)
}
fn total(x: f[N]) = sum(x)
fn signed(x: f[N], m: i32) = if m > 0 then x else -x
fn pick(table: f[N], at: i64[M]) -> y { y[m] = table[at[m] else 0] }
fn kernel(x: f[A, 3], w: f[3, B]) -> y { y[a, b] = tanh(sum[k](x[a, k] * w[k, b])) }

layer linear(x: f[B, I], units: int = 3) {
  param weight: f[units, I] ~ glorot_uniform(fan_in = I, fan_out = units)
  param bias: f[units] ~ zeros
  y[b, u] = bias[u] + sum[i](x[b, i] * weight[u, i])
  return y
}
layer twice(x: f[B, I]) = x |> linear(4) |> dropout(0.5) |> linear(2)
"""


def dot(a, b):
    return math.fsum(x * y for x, y in zip(a.values, b.values))


class Run(Case):
    def setUp(self):
        super().setUp()
        self.write("p.dlm", PROGRAM)

    def evaluate(self, call, given, *options, file="p.dlm"):
        arrays.write_npz(self.path("in.npz"), given)
        self.dlc("run", file, "--call", call, "--in", "in.npz", "--out", "out.npz", *options)
        return arrays.read_npz(self.path("out.npz"))

    def refused(self, call, given, *options, **expected):
        arrays.write_npz(self.path("in.npz"), given)
        return self.error("run", "p.dlm", "--call", call, "--in", "in.npz", "--out", "out.npz", *options, exit=1, **expected)

    def near(self, array, values, tolerance=1e-12):
        self.assertEqual(len(array.values), len(values))
        for a, b in zip(array.values, values):
            self.assertLessEqual(abs(a - b), tolerance * max(1, abs(b)))


class Forward(Run):
    def test_results_have_the_names_of_the_function(self):
        out = self.evaluate("square", {"x": [1.0, 2.0, 3.0]})
        self.assertEqual(out["y"], ("f32", (3,), [2, 8, 18]))
        self.assertEqual(out["c"], ("f32", (), [28]))
        self.assertEqual(set(out), {"y", "c"})
        self.assertEqual(self.evaluate("total", {"x": [1.0, 2.0]}), {"result": arrays.Array("f32", (), [3])})

    def test_statics(self):
        self.assertEqual(self.evaluate("square", {"x": [1.0]}, "--set", "k=5")["y"].values, [5])

    def test_nothing(self):
        self.write("z.dlm", "fn average(x: f[N]) = mean(x)\nfn over(x: f[N]) -> y { y[i] = x[i] / 0 }\n")
        for more in ([], ["--interpret"]):
            for float in ("f32", "f64"):
                self.assertTrue(math.isnan(self.evaluate("average", {"x": arrays.array([], "f32", (0,))}, "--float", float, *more, file="z.dlm")["result"].values[0]))
                out = self.evaluate("over", {"x": [1.0, -2.0, 0.0]}, "--float", float, *more, file="z.dlm")["y"].values
                self.assertEqual(out[:2], [math.inf, -math.inf])
                self.assertTrue(math.isnan(out[2]))

    def test_mask(self):
        self.write("b.dlm", "fn flag(x: f[N], m: bool[N]) -> y { y[i] = if m[i] then x[i] else 0 }\nfn over(x: f[N]) = flag(x, x > 1.5)\n")
        self.assertEqual(self.evaluate("flag", {"x": [1.0, 2.0, 3.0], "m": [1, 0, 1]}, file="b.dlm")["y"].values, [1, 0, 3])
        self.assertEqual(self.evaluate("over", {"x": [1.0, 2.0, 3.0]}, file="b.dlm")["result"].values, [0, 2, 3])
        arrays.write_npz(self.path("in.npz"), {"x": [1.0], "m": [2]})
        self.error("run", "b.dlm", "--call", "flag", "--in", "in.npz", exit=1, code="E0454", says="element 0 is 2, which bool cannot hold")

    def test_standard_error_is_for_errors(self):
        arrays.write_npz(self.path("in.npz"), {"table": [1.0, 2.0, 3.0], "at": [2, 2], "cotangent/y": [1.0, 4.0]})
        process = self.dlc("run", "p.dlm", "--call", "pick", "--in", "in.npz", "--out", "out.npz", "--vjp")
        self.assertEqual(process.stderr, "")
        self.assertEqual(arrays.read_npz(self.path("out.npz"))["grad/table"].values, [0, 0, 5])

    def test_double(self):
        out = self.evaluate("total", {"x": [1.0, 2.0**-40]}, "--float", "f64")
        self.assertEqual(out["result"], ("f64", (), [1 + 2.0**-40]))

    def test_integers_of_both_widths(self):
        for dtype in ("i32", "i64"):
            out = self.evaluate("signed", {"x": [1.0, 2.0], "m": arrays.array(-1, dtype)})
            self.assertEqual(out["result"].values, [-1, -2])
            out = self.evaluate("pick", {"table": [5.0, 6.0, 7.0], "at": arrays.array([2, 9, 0], dtype)})
            self.assertEqual(out["y"].values, [7, 0, 5])
        self.assertEqual(self.evaluate("total", {"x": [1, 2, 3]})["result"].values, [6])

    def test_layer_with_given_parameters(self):
        weight = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
        out = self.evaluate("linear", {"x": [[1.0, 2.0]], "weight": weight, "bias": [0.5, 0.0, 0.0]})
        self.assertEqual(out["result"], ("f32", (1, 3), [1.5, 2, 3]))
        out = self.evaluate("twice", {"x": [[1.0, 2.0]], "linear_1.weight": [[1.0, 1.0]] * 4, "linear_2.weight": [[1.0] * 4] * 2})
        self.assertEqual(out["result"].values, [12, 12])

    def test_parameters_are_initialised_from_the_seed(self):
        first = self.evaluate("linear", {"x": [[1.0, 2.0]]})
        self.assertNotEqual(first["result"].values, [0, 0, 0])
        self.assertEqual(first, self.evaluate("linear", {"x": [[1.0, 2.0]]}, "--seed", "1"))
        self.assertNotEqual(first, self.evaluate("linear", {"x": [[1.0, 2.0]]}, "--seed", "2"))

    def test_training_drops(self):
        given = {"x": [[1.0, 2.0]], "linear_1.weight": [[1.0, 1.0]] * 4, "linear_2.weight": [[1.0] * 4] * 2}
        seen = {tuple(self.evaluate("twice", given, "--train", "--seed", str(s))["result"].values) for s in range(1, 9)}
        self.assertGreater(len(seen), 1)
        for row in seen:
            self.assertEqual(row[0] % 6, 0)

    def test_model(self):
        out = self.evaluate("Xor", {"x": [[0.0, 1.0], [1.0, 1.0]], "y": [1.0, 0.0], "dense_2.weight": [[0.0] * 8]}, "--float", "f64", file=model("xor"))
        self.assertEqual(set(out), {"probability", "cross_entropy", "accuracy"})
        self.near(out["probability"], [0.5, 0.5])
        self.near(out["cross_entropy"], [math.log(2)])

    AVERAGE = "layer average(x: f[N]) {\n  state mean: f[N] = 0\n  mean <- 0.5 * mean + 0.5 * x\n  return x - mean\n}\n"
    NORMAL = 'import "std/nn"\nlayer stack(x: f[N, C]) = x |> dense(2) |> batch_norm |> relu\nlayer net(x: f[N, C]) {\n  shared net = stack()\n  return net(x)\n}\n'

    def test_state(self):
        self.write("s.dlm", self.AVERAGE)
        # By its path or by the key of a checkpoint; the value it has after the call is a result in training alone.
        for name in ("mean", "state/mean"):
            self.assertEqual(self.evaluate("average", {"x": [4.0, 2.0], name: [2.0, 0.0]}, file="s.dlm"), {"result": arrays.Array("f32", (2,), [1, 1])})
        for more in ([], ["--interpret"]):
            out = self.evaluate("average", {"x": [4.0, 2.0], "mean": [2.0, 0.0]}, "--train", *more, file="s.dlm")
            self.assertEqual(out, {"result": arrays.Array("f32", (2,), [1, 1]), "state/mean": arrays.Array("f32", (2,), [3, 1])})
        # What came out goes in again.
        again = self.evaluate("average", {"x": [4.0, 2.0], "state/mean": out["state/mean"]}, "--train", file="s.dlm")
        self.assertEqual(again["state/mean"].values, [3.5, 1.5])

    def test_state_of_an_instance(self):
        self.write("n.dlm", self.NORMAL)
        given = {"x": [[1.0, 2.0], [3.0, 5.0]], "net.dense_1.weight": [[1.0, 0.0], [0.0, 1.0]], "net.batch_norm_1.running_mean": [1.0, 1.0],
                 "net.batch_norm_1.running_variance": [4.0, 4.0]}
        out = self.evaluate("net", given, "--float", "f64", file="n.dlm")
        self.near(out["result"], [max(0, (v - 1) / math.sqrt(4 + 1e-5)) for v in (1, 2, 3, 5)])
        out = self.evaluate("net", {**given, "cotangent/result": [[1.0, 0.0], [0.0, 1.0]]}, "--float", "f64", "--train", "--vjp", file="n.dlm")
        self.near(out["state/net.batch_norm_1.running_mean"], [0.9 + 0.1 * 2, 0.9 + 0.1 * 3.5])
        self.near(out["state/net.batch_norm_1.running_variance"], [3.6 + 0.1 * 1, 3.6 + 0.1 * 2.25])
        self.assertEqual({n for n in out if n.startswith("grad/")}, {"grad/x", "grad/net.dense_1.weight", "grad/net.dense_1.bias", "grad/net.batch_norm_1.gain", "grad/net.batch_norm_1.shift"})

    def test_json(self):
        arrays.write_npz(self.path("in.npz"), {"x": [1.0, 2.0]})
        document = self.json("run", "p.dlm", "--call", "square", "--in", "in.npz")
        self.assertEqual({r["name"]: r.get("value") for r in document["results"]}, {"y": [2.0, 8.0], "c": 10.0})

    def test_small_arrays_are_shown(self):
        self.write("m.dlm", "fn main() -> a, b, c, d {\n  a = [[1.0, 2.5], [-3.0, 1 / 3]]\n  b = zeros([9])\n  c = [true, false]\n  d = zeros([2, 0])\n}\n")
        lines = self.dlc("run", "m.dlm").stdout.splitlines()  # without --call and a model it is `main`
        self.assertEqual([line.split(None, 2)[1:] for line in lines],
                         [["f32[2,", "2]  [[1, 2.5], [-3, 0.333333]]"], ["f32[9]"], ["bool[2]", "[1, 0]"], ["f32[2,", "0]"]])


class Refusals(Run):
    """Both sides are named, and nothing is written."""

    def tearDown(self):
        import os
        self.assertFalse(os.path.exists(self.path("out.npz")))

    def test_missing(self):
        self.refused("signed", {"x": [1.0]}, code="E0454", says=["in.npz", "`m: i32`", "`x` f64[1]"])
        self.error("run", "p.dlm", "--call", "total", exit=1, code="E0454", says="`x: f[N]`")
        self.refused("square", {"x": [1.0, 2.0]}, "--vjp", code="E0454", says="`cotangent/y` f32[2]")

    def test_unknown(self):
        self.refused("total", {"x": [1.0], "xx": [2.0]}, code="E0454", says=["`xx` f64[1]"], helps="did you mean `x`?")
        self.refused("linear", {"x": [[1.0]], "wieght": [[1.0]] * 3}, code="E0454", says="`wieght`", helps="did you mean `weight`?")
        self.refused("square", {"x": [1.0], "cotangent/z": [1.0], "cotangent/y": [1.0]}, "--vjp", code="E0454", says="`cotangent/z`")
        self.refused("total", {"x": [1.0], "tangent/x": [1.0]}, code="E0454", says="`tangent/x`")

    def test_state(self):
        self.write("s.dlm", Forward.AVERAGE)
        given = {"x": [4.0, 2.0], "mean": [2.0, 2.0]}
        for change, says in [({"state/mean": [2.0, 2.0]}, ["`mean` and `state/mean` are the same state"]), ({"mean": [1.0]}, ["`mean` is f64[1]", "f32[2]"]),
                             ({"maen": [1.0, 1.0]}, ["`maen`", "did you mean `mean`?"])]:
            arrays.write_npz(self.path("in.npz"), {**given, **change})
            self.error("run", "s.dlm", "--call", "average", "--in", "in.npz", exit=1, code="E0454", says=says)

    def test_seed_and_dimension(self):
        for words, says in [(["--seed", "-1"], "--seed"), (["--seed", str(2**53)], "--seed"), (["--dim", "M=3"], "--dim M")]:
            self.error("run", "p.dlm", "--call", "total", *words, exit=2, says=says)
        arrays.write_npz(self.path("in.npz"), {"x": [1.0, 2.0]})
        self.error("run", "p.dlm", "--call", "square", "--in", "in.npz", "--dim", "N=7", exit=2, says="--dim N=7: `x` is [2], whose N is 2")

    def test_shape(self):
        self.refused("kernel", {"x": [[1.0, 2.0]], "w": [[1.0], [1.0], [1.0]]}, says=["f[1, 2]", "f[A, 3]"])
        self.refused("linear", {"x": [[1.0, 2.0]], "weight": [[1.0, 2.0]]}, code="E0454", says=["`weight` is f64[1, 2]", "f32[3, 2]"])
        self.refused("square", {"x": [1.0, 2.0], "cotangent/y": [1.0]}, "--vjp", code="E0454", says=["f64[1]", "f32[2]"])

    def test_type(self):
        self.refused("signed", {"x": [1.0], "m": 1.0}, code="E0454", says=["`m` is f64", "i32"])
        self.refused("signed", {"x": [1.0], "m": 2**40}, code="E0454", says=["1099511627776", "i32"])
        self.refused("pick", {"table": [1.0], "at": arrays.array([0, 2**53 + 2], "i64")}, code="E0454", says=["`at`: element 1 is beyond 2^53"])

    def test_name_of_the_function(self):
        self.refused("totl", {"x": [1.0]}, code="E0412", helps="did you mean `total`?")
        self.error("run", "p.dlm", exit=1, code="E0412")

    def test_file(self):
        self.error("run", "p.dlm", "--call", "total", "--in", "none.npz", exit=3, says="none.npz")
        self.write("text.npz", "no archive")
        self.error("run", "p.dlm", "--call", "total", "--in", "text.npz", exit=1, code="E0457", says="text.npz: not a zip file")
        arrays.write_npz(self.path("in.npz"), {"x": [1.0]})
        self.error("run", "p.dlm", "--call", "total", "--in", "in.npz", "--out", "none/out.npz", exit=3, says="none")


class NotNumbers(Run):
    """What a kernel has just reduced may be NaN or infinite, and functions of it in the same kernel see that."""

    def test_behind_a_reduction(self):
        functions = ["log({})", "exp({})", "tanh({})", "sigmoid({})", "log1p({})", "max({}, 0.5)", "abs({})", "if isnan({}) then 1.0 else 2.0",
                     "if isinf({}) then 1.0 else 2.0", "if {} < inf then 1.0 else 2.0", "if {} == -inf then 1.0 else 2.0", "if {} >= inf then 1.0 else 2.0", "sin({})", "({})^1.5"]
        shapes = {"sum(v)": "", "prod(v)": "", "sum[k](v[k] * v[k])": "", "sum[k](x[n, k])": "[n]", "sum[k](x[n, k] * z[k, o])": "[n, o]",
                  "sum[k](x[n, k] * z[k, 0])": "[n]", "sum[i](x[i, n] + 0)": "[n]"}
        results = [(f"r{a}_{b}", left, f.format(e)) for a, (e, left) in enumerate(shapes.items()) for b, f in enumerate(functions)]
        self.write("n.dlm", 'import "std/scalar"\nfn main(x: f[M, N], z: f[N, O], v: f[N]) -> ' + ", ".join(name for name, *_ in results) + " {\n"
                   + "".join(f"  {name}{left} = {value}\n" for name, left, value in results) + "}\n")
        for real in "f32", "f64":
            for bad in math.nan, math.inf, -math.inf:
                row = [1.0] * 19 + [bad] + [2.0] * 5
                given = {"x": arrays.array([row, [1.0] * 25, row] * 2, real), "z": arrays.array([[1.0] * 20] * 25, real), "v": arrays.array(row, real)}
                compiled = self.evaluate("main", given, "--float", real, file="n.dlm")
                interpreted = self.evaluate("main", given, "--float", real, "--interpret", file="n.dlm")
                for name, _, value in results:
                    for a, b in zip(compiled[name].values, interpreted[name].values):
                        self.assertTrue(a == b or (a != a and b != b) or abs(a - b) <= 1e-5 * abs(b), f"{value} of {bad} in {real}: {a}, not {b}")


class Derivatives(Run):
    X = arrays.array([[0.5, -1.0, 0.25], [1.5, 0.125, -0.75]], "f64")
    W = arrays.array([[0.5, 1.0], [-0.25, 0.75], [2.0, -1.5]], "f64")
    U = arrays.array([[1.0, -2.0], [0.5, 3.0]], "f64")
    VX = arrays.array([[1.0, 2.0, -1.0], [0.25, 0.5, -3.0]], "f64")
    VW = arrays.array([[0.5, 0.0], [1.0, -2.0], [0.75, 0.125]], "f64")

    def test_vjp(self):
        out = self.evaluate("square", {"x": [1.0, 2.0, 3.0], "cotangent/y": [1.0, 0.0, 0.0], "cotangent/c": 0.0}, "--vjp")
        self.assertEqual(out["grad/x"], ("f32", (3,), [4, 0, 0]))
        self.assertEqual(out["y"].values, [2, 8, 18])
        # The cotangent of a single number is 1 when it is not given.
        self.assertEqual(self.evaluate("square", {"x": [1.0, 2.0, 3.0], "cotangent/y": [0.0] * 3}, "--vjp")["grad/x"].values, [4, 8, 12])
        self.assertEqual(self.evaluate("total", {"x": [1.0, 2.0]}, "--vjp")["grad/x"].values, [1, 1])

    def test_jvp(self):
        out = self.evaluate("square", {"x": [1.0, 2.0, 3.0], "tangent/x": [1.0, 0.0, 1.0]}, "--jvp")
        self.assertEqual((out["jvp/y"].values, out["jvp/c"].values), ([4, 0, 12], [16]))

    def test_one_is_the_transpose_of_the_other(self):
        # <u, J v> = <J^T u, v>
        forward = self.evaluate("kernel", {"x": self.X, "w": self.W, "tangent/x": self.VX, "tangent/w": self.VW}, "--jvp", "--float", "f64")
        reverse = self.evaluate("kernel", {"x": self.X, "w": self.W, "cotangent/y": self.U}, "--vjp", "--float", "f64")
        left = dot(self.U, forward["jvp/y"])
        right = dot(reverse["grad/x"], self.VX) + dot(reverse["grad/w"], self.VW)
        self.assertLess(abs(left - right), 1e-13 * abs(left))
        # A tangent that is not given is 0.
        part = self.evaluate("kernel", {"x": self.X, "w": self.W, "tangent/w": self.VW}, "--jvp", "--float", "f64")
        self.assertLess(abs(dot(self.U, part["jvp/y"]) - dot(reverse["grad/w"], self.VW)), 1e-13)

    def test_parameters(self):
        given = {"x": self.X, "weight": [[1.0, 2.0, 3.0]] * 3, "cotangent/result": [[1.0, 0.0, 0.0]] * 2}
        out = self.evaluate("linear", given, "--vjp", "--float", "f64")
        self.assertEqual(out["grad/bias"].values, [2, 0, 0])
        self.assertEqual(out["grad/weight"].values, [2.0, -0.875, -0.5] + [0] * 6)
        self.assertEqual(out["grad/x"].values, [1, 2, 3, 1, 2, 3])
        out = self.evaluate("linear", {"x": self.X, "weight": [[1.0, 2.0, 3.0]] * 3, "tangent/bias": [1.0, 2.0, 3.0]}, "--jvp", "--float", "f64")
        self.assertEqual(out["jvp/result"].values, [1, 2, 3, 1, 2, 3])

    def test_model(self):
        # A model is differentiated for its loss: cotangents of outputs may be left out.
        given = {"x": [[0.0, 1.0], [1.0, 1.0]], "y": [1.0, 0.0]}
        out = self.evaluate("Xor", given, "--vjp", "--float", "f64", file=model("xor"))
        tangent = arrays.array([0.5 * i - 1 for i in range(8)], "f64", (1, 8))
        along = self.evaluate("Xor", {**given, "tangent/dense_2.weight": tangent}, "--jvp", "--float", "f64", file=model("xor"))
        self.assertLess(abs(dot(out["grad/dense_2.weight"], tangent) - along["jvp/cross_entropy"].values[0]), 1e-13)
        self.assertIn("jvp/probability", along)
        self.assertEqual({n for n in out if n.startswith("grad/")},
                         {"grad/x", "grad/y", "grad/dense_1.weight", "grad/dense_1.bias", "grad/dense_2.weight", "grad/dense_2.bias"})

    def test_given_adjoints(self):
        # Rounding whose derivative passes: not what rounding has, which is 0.
        self.write("a.dlm", """
fn rounded(x: f[..]) -> y { y = float((10 * x) // 1) / 10 } with adjoint { x = 3 * d_y }
fn crooked(x: f[..]) -> y { y = x * x } with adjoint { x = d_y * d_y }
fn through(x: f[N]) -> s, hs {
  s = sum(rounded(x) ^ 2)
  hs = scan v in x with h = 0 {
    h = rounded(h + v)
    yield h
  }
}
model main {
  input  x: f[B]
  param  w: f[2] ~ ones()
  output y = rounded(w)
  loss   l = sum(rounded(w) * x)
}
""")
        x = arrays.array([0.26, 0.51], "f64")
        def run(call, given, *options):
            return self.evaluate(call, given, "--float", "f64", *options, file="a.dlm")
        for how in [], ["--interpret"]:
            self.near(run("rounded", {"x": x, "cotangent/y": [1.0, 2.0]}, "--vjp", *how)["grad/x"], [3, 6])
            self.near(run("rounded", {"x": x, "tangent/x": [1.0, 2.0]}, "--jvp", *how)["jvp/y"], [3, 6])
            out = run("through", {"x": x, "cotangent/hs": [0.0, 1.0]}, "--vjp", *how)
            self.near(out["grad/x"], [2 * 0.2 * 3 + 9, 2 * 0.5 * 3 + 3])
            self.near(out["hs"], [0.2, 0.7])
            self.near(run("crooked", {"x": x, "cotangent/y": [3.0, 4.0]}, "--vjp", *how)["grad/x"], [9, 16])
            self.near(run("main", {"x": [2.0, 5.0]}, "--vjp", *how)["grad/w"], [6, 15])
        self.assertIn("grad_w[i] = 3 * x[i]", self.dlc("grad", "a.dlm", "--dim", "B=2").stdout)
        arrays.write_npz(self.path("in.npz"), {"x": x})
        self.error("run", "a.dlm", "--call", "crooked", "--in", "in.npz", "--jvp", exit=1, code="E0216", says="not linear")

    def test_compiled_and_interpreted_agree(self):
        given = {"x": self.X, "w": self.W, "cotangent/y": self.U}
        compiled = self.evaluate("kernel", given, "--vjp", "--float", "f64")
        for name, array in self.evaluate("kernel", given, "--vjp", "--float", "f64", "--interpret").items():
            self.near(compiled[name], array.values, 1e-14)


main()
