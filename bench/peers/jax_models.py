"""The models of bench/models in JAX, as its users write them: functions of a tree of parameters, one jitted step with optax's Adam.

Images are channels last and weights [in, out], which is what XLA takes best.
"""
import math, os

import numpy as np

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import jax
import jax.numpy as jnp
import optax
from jax import lax, nn

from layouts import layout


def prepare(threads, real):
    jax.config.update("jax_enable_x64", real == "f64")  # XLA's threads are those of the processors this process may use


def versions():
    return {"jax": jax.__version__, "optax": optax.__version__}


def real():
    return jnp.float64 if jax.config.jax_enable_x64 else jnp.float32


def affine(p, x):
    return x @ p["weight"] + p["bias"]


def conv(x, weight, stride=1):
    around = [(k // 2, k // 2) for k in weight.shape[:2]]
    return lax.conv_general_dilated(x, weight, (stride, stride), around, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def max_pool(x):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def norm(p, x, axes):
    return (x - x.mean(axes, keepdims=True)) * lax.rsqrt(x.var(axes, keepdims=True) + 1e-5) * p["gain"] + p["shift"]


def cross_entropy(scores, label):
    return optax.softmax_cross_entropy_with_integer_labels(scores, label).mean()


# Where parameters lie: [units, inputs] in dlc becomes [inputs, units], [out, in, height, width] becomes [height, width, in, out].
def matrix(names, units, inputs):
    return layout(names, (units, inputs), (1, 0))


def vector(names, size):
    return layout(names, (size,))


def dense(dlc, units, inputs):
    return {"weight": matrix(dlc + ".weight", units, inputs), "bias": vector(dlc + ".bias", units)}


def kernel(dlc, outputs, inputs, size=3):
    return layout(dlc + ".weight", (outputs, inputs, size, size), (2, 3, 1, 0))


def gained(dlc, size):
    return {"gain": vector(dlc + ".gain", size), "shift": vector(dlc + ".shift", size)}


# For each model: the tree of layouts, the scores as a function of such a tree of parameters and the input, the input, the target.
def make_mlp(d):
    tree = [dense("dense_1", 512, 784), dense("dense_2", 256, 512), dense("dense_3", 10, 256)]

    def scores(p, x):
        for layer in p[:-1]:
            x = nn.relu(affine(layer, x))
        return affine(p[-1], x)

    return tree, scores, d["x"], d["label"]


def make_lenet(d):
    first = {"weight": layout("dense_1.weight", (128, 64, 7, 7), (2, 3, 1, 0), (7 * 7 * 64, 128)), "bias": vector("dense_1.bias", 128)}
    tree = {"c1": {"weight": kernel("conv2d_1", 32, 1), "bias": vector("conv2d_1.bias", 32)},
            "c2": {"weight": kernel("conv2d_2", 64, 32), "bias": vector("conv2d_2.bias", 64)}, "d1": first, "d2": dense("dense_2", 10, 128)}

    def scores(p, x):
        for c in (p["c1"], p["c2"]):
            x = max_pool(nn.relu(conv(x, c["weight"]) + c["bias"]))
        return affine(p["d2"], nn.relu(affine(p["d1"], x.reshape(len(x), -1))))

    return tree, scores, d["image"][..., None], d["label"]


def make_resnet(d, width=32, blocks=2):
    def filters(dlc, number, outputs, inputs, size=3):
        return {"weight": kernel(f"{dlc}filters_{number}", outputs, inputs, size), **gained(f"{dlc}batch_norm_{number}", outputs)}

    tree, strides, channels = {"stem": filters("", 1, width, 3), "blocks": []}, [], width
    for stage in range(3):
        for i in range(blocks):
            path, outputs = f"{stage}.{i}.", width << stage
            block = [filters(path, 1, outputs, channels), filters(path, 2, outputs, outputs)]
            strides.append(2 if stage > 0 and i == 0 else 1)
            if strides[-1] > 1 or outputs != channels:
                block.append(filters(path, 3, outputs, channels, 1))
            tree["blocks"].append(block)
            channels = outputs
    tree["scores"] = dense("dense_1", 10, channels)

    def filtered(p, x, stride=1):
        return norm(p, conv(x, p["weight"], stride), (0, 1, 2))

    def scores(p, x):
        x = nn.relu(filtered(p["stem"], x))
        for block, stride in zip(p["blocks"], strides):
            h = filtered(block[1], nn.relu(filtered(block[0], x, stride)))
            x = nn.relu(h + (filtered(block[2], x, stride) if len(block) > 2 else x))
        return affine(p["scores"], x.mean((1, 2)))

    return tree, scores, d["image"].transpose(0, 2, 3, 1), d["label"]


def make_lstm(d, symbols=96, units=256):
    tree = {"table": layout("embedding_1.weight", (symbols, units)), "input": matrix("lstm_1.input_weight", 4 * units, units),
            "recurrent": matrix("lstm_1.recurrent_weight", 4 * units, units), "bias": vector("lstm_1.bias", 4 * units),
            "scores": dense("dense_1", symbols, units)}

    def scores(p, x):
        gates = (p["table"][x] @ p["input"] + p["bias"]).swapaxes(0, 1)

        def cell(carried, gate):
            h, c = carried
            i, f, g, o = jnp.split(gate + h @ p["recurrent"], 4, -1)
            c = nn.sigmoid(f) * c + nn.sigmoid(i) * jnp.tanh(g)
            h = nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h

        zero = jnp.zeros((x.shape[0], units), gates.dtype)
        return affine(p["scores"], lax.scan(cell, (zero, zero), gates)[1].swapaxes(0, 1))

    return tree, scores, d["text"], d["next"]


def make_gpt(d, symbols=96, window=128, width=128, blocks=4, heads=4):
    def block(dlc):
        attend = dlc + "multi_head_1."
        seen = {part: [attend + f"{role}_{part}" for role in ("query", "key", "value")] for part in ("weight", "bias")}
        return {"attend_norm": gained(dlc + "layer_norm_1", width), "mlp_norm": gained(dlc + "layer_norm_2", width),
                "seen": {"weight": matrix(seen["weight"], 3 * width, width), "bias": vector(seen["bias"], 3 * width)},
                "attended": {"weight": matrix(attend + "output_weight", width, width), "bias": vector(attend + "output_bias", width)},
                "up": dense(dlc + "mlp_1.0", 4 * width, width), "down": dense(dlc + "mlp_1.1", width, 4 * width)}

    tree = {"table": layout("embedding_1.weight", (symbols, width)), "positions": layout("learned_positions_1.weight", (window, width)),
            "blocks": [block(f"repeat_1.{i}.") for i in range(blocks)], "norm": gained("layer_norm_1", width),
            "scores": matrix("scores_1.weight", symbols, width)}
    seen = np.tril(np.ones((window, window), bool))

    def scores(p, x):
        x = p["table"][x] + p["positions"]
        n, t, e = x.shape
        for b in p["blocks"]:
            q, k, v = affine(b["seen"], norm(b["attend_norm"], x, -1)).reshape(n, t, 3, heads, e // heads).transpose(2, 0, 3, 1, 4)
            weights = nn.softmax(jnp.where(seen, q @ k.swapaxes(-1, -2) / math.sqrt(e // heads), -jnp.inf))
            x = x + affine(b["attended"], (weights @ v).transpose(0, 2, 1, 3).reshape(n, t, e))
            x = x + affine(b["down"], nn.gelu(affine(b["up"], norm(b["mlp_norm"], x, -1)), approximate=True))
        return norm(p["norm"], x, -1) @ p["scores"]

    return tree, scores, d["text"], d["next"]


def make_gcn(d, nodes=2708, words=1433, hidden=16, classes=7):
    tree = [dense("graph_conv_1", hidden, words), dense("graph_conv_2", classes, hidden)]
    a = np.eye(nodes)
    np.add.at(a, (d["to"][0], d["from"][0]), 1)
    scale = a.sum(1) ** -0.5

    def scores(p, x):
        x, a = x
        h = nn.relu(a @ (x @ p[0]["weight"]) + p[0]["bias"])
        return a @ (h @ p[1]["weight"]) + p[1]["bias"]

    return tree, scores, (d["features"][0], scale[:, None] * a * scale), d["label"][0]


def make_gcn_sparse(d):
    """Values are taken along the edges and summed where these end."""
    tree, _, (x, a), label = make_gcn(d)
    to, source = np.nonzero(a)

    def scores(p, x):
        x, weight, source, to = x

        def gathered(h):
            return jax.ops.segment_sum(weight[:, None] * h[source], to, len(x), indices_are_sorted=True)

        h = nn.relu(gathered(x @ p[0]["weight"]) + p[0]["bias"])
        return gathered(h @ p[1]["weight"]) + p[1]["bias"]

    return tree, scores, (x, a[to, source], source, to), label


def is_layout(node):
    return hasattr(node, "from_dlc")


class Trainer:
    """One step is forward, backward and Adam, jitted together; the parameters' memory is given back to it."""

    def __init__(self, name, data, weights, compiled):
        self.tree, scores, x, y = globals()["make_" + name](data)
        self.shapes = {key: w.shape for key, w in weights.items()}
        self.x = jax.tree.map(lambda a: jnp.asarray(a, real() if np.issubdtype(a.dtype, np.floating) else jnp.int32), x)
        self.y = jnp.asarray(y, jnp.int32)
        self.parameters = jax.tree.map(lambda l: jnp.asarray(l.from_dlc(weights), real()), self.tree, is_leaf=is_layout)
        optimizer = optax.adam(1e-3)
        self.state = optimizer.init(self.parameters)

        def loss(parameters, x, y):
            return cross_entropy(scores(parameters, x), y)

        def step(parameters, state, x, y):
            value, gradient = jax.value_and_grad(loss)(parameters, x, y)
            updates, state = optimizer.update(gradient, state, parameters)
            return optax.apply_updates(parameters, updates), state, value

        self.gradient_of, self.jitted = jax.jit(jax.grad(loss)), jax.jit(step, donate_argnums=(0, 1))

    def step(self):
        self.parameters, self.state, value = self.jitted(self.parameters, self.state, self.x, self.y)
        return float(jax.block_until_ready((self.parameters, self.state, value))[2])

    def gradient(self):
        gradient, found = self.gradient_of(self.parameters, self.x, self.y), {}
        jax.tree.map(lambda l, g: found.update(l.to_dlc(g, self.shapes)), self.tree, gradient, is_leaf=is_layout)
        return found
