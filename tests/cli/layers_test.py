#!/usr/bin/env python3
"""Layers of std/nn through `dlc run`: their values are those of the functions they build on, their gradients with respect to every input and
parameter those of central differences, in training and without; the initial parameters depend on the seed alone.

usage: layers_test.py DLC
"""
import math
import os
import subprocess
import sys
import tempfile
import unittest

from arrays import Array, array, read_npz, write_npz

DLC = os.path.abspath(sys.argv.pop(1)) if __name__ == "__main__" and len(sys.argv) > 1 else "dlc"
STD = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "dsl", "std")


def samples(shape, k):
    """Numbers in (-1, 1), all different within runs of 64."""
    count = math.prod(shape)
    return array([((6 * i * i + 37 * i + 11 * k) % 64 - 31.5) / 32 for i in range(count)], "f64", shape)


def moved(a, direction, by):
    return a._replace(values=[x + by * d for x, d in zip(a.values, direction.values)])


def inner(a, b):
    return math.fsum(x * y for x, y in zip(a.values, b.values))


# What layers read besides the arrays they are differentiated by.
LENGTHS = {"lengths": array([2, 4], "i32")}
EDGES = {"from": array([0, 1, 2, 0, 3, 1], "i32"), "to": array([1, 0, 0, 2, 1, 3], "i32")}
MASK = {"mask": array([True, False, True, True, True, False], "bool", (2, 3))}
LSTM = {"xs": (4, 2, 2), "input_weight": (4, 3, 2), "recurrent_weight": (4, 3, 3), "bias": (4, 3)}
GRU = {"xs": (4, 2, 2), "input_weight": (3, 3, 2), "recurrent_weight": (3, 3, 3), "bias": (3, 3)}
ATTENTION = {"query_weight": (4, 4), "key_weight": (4, 4), "value_weight": (4, 4), "output_weight": (4, 4), "query_bias": (4,),
             "value_bias": (4,), "output_bias": (4,)}
KEY_BIAS = array([0.5, -0.25, 0.75, 0.125], "f64")  # It cancels in a softmax: its slope is 0, which tests/std/attention.dlm holds.
ENCODER = {"attend_norm.gain": (4,), "attend_norm.shift": (4,), "mlp.dense_1.weight": (5, 4), "mlp.dense_1.bias": (5,),
           "mlp.dense_2.weight": (4, 5), "mlp.dense_2.bias": (4,), "mlp_norm.gain": (4,), "mlp_norm.shift": (4,),
           **{"attend." + leaf: shape for leaf, shape in ATTENTION.items()}}


def within(path, shapes):
    return {path + "." + leaf: shape for leaf, shape in shapes.items() if leaf != "xs"}


# layer, settings, arrays, and what it reads besides where it does
LAYERS = [
    ("dense", {"units": 3}, {"x": (4, 2), "weight": (3, 2), "bias": (3,)}),
    ("mlp", {"units": "[3, 2]"}, {"x": (4, 2), "0.weight": (3, 2), "0.bias": (3,), "1.weight": (2, 3), "1.bias": (2,)}),
    ("mlp", {"units": "[3, 2]", "activation": "leaky_relu(slope = 0.1)"},
     {"x": (4, 2), "0.weight": (3, 2), "0.bias": (3,), "1.weight": (2, 3), "1.bias": (2,)}),
    ("chain", {"blocks": "[dense(3), tanh, dense(2)]"},
     {"x": (4, 2), "0.weight": (3, 2), "0.bias": (3,), "2.weight": (2, 3), "2.bias": (2,)}),
    ("repeat", {"times": 2, "block": "residual(chain([dense(2), tanh]))"},
     {"x": (3, 2), "0.chain_1.0.weight": (2, 2), "0.chain_1.0.bias": (2,), "1.chain_1.0.weight": (2, 2), "1.chain_1.0.bias": (2,)}),
    ("conv1d", {"channels": 4, "groups": 2, "dilation": 2}, {"x": (2, 4, 7), "weight": (4, 2, 3), "bias": (4,)}),
    ("conv2d", {"channels": 3, "stride": 2}, {"x": (2, 2, 5, 4), "weight": (3, 2, 3, 3), "bias": (3,)}),
    ("conv2d", {"channels": 2, "kernel": "[4, 3]", "padding": '"full"'}, {"x": (1, 2, 3, 4), "weight": (2, 2, 4, 3), "bias": (2,)}),
    ("conv3d", {"channels": 2, "groups": 2}, {"x": (1, 2, 3, 2, 4), "weight": (2, 1, 3, 3, 3), "bias": (2,)}),
    ("conv_transpose2d", {"channels": 4, "stride": "[2, 1]", "groups": 2}, {"x": (1, 2, 3, 4), "weight": (2, 2, 3, 3), "bias": (4,)}),
    ("depthwise_conv2d", {"multiplier": 2, "stride": 2}, {"x": (2, 2, 5, 4), "weight": (4, 1, 3, 3), "bias": (4,)}),
    ("separable_conv1d", {"channels": 3}, {"x": (2, 2, 6), "depthwise": (2, 1, 3), "pointwise": (3, 2), "bias": (3,)}),
    ("tiled_conv2d", {"channels": 2, "tiles": 2}, {"x": (1, 2, 5, 4), "weight": (2, 2, 6, 6), "bias": (2, 2, 2)}),
    ("locally_connected2d", {"channels": 2, "padding": '"valid"'}, {"x": (2, 2, 4, 5), "weight": (2, 2, 6, 9), "bias": (2, 2, 3)}),
    ("lifting_conv2d", {"channels": 2, "group": '"p4m"'}, {"x": (1, 2, 4, 4), "weight": (2, 2, 3, 3), "bias": (2,)}),
    ("group_conv2d", {"channels": 2}, {"x": (1, 2, 4, 3, 3), "weight": (2, 2, 4, 3, 3), "bias": (2,)}),
    ("batch_norm", {}, {"x": (3, 2, 4), "gain": (2,), "shift": (2,)}),
    ("layer_norm", {}, {"x": (3, 5), "gain": (5,), "shift": (5,)}),
    ("prelu", {}, {"x": (3, 2, 4), "slope": (2,)}),
    ("maxout_dense", {"units": 3, "pieces": 2}, {"x": (4, 2), "weight": (6, 2), "bias": (6,)}),
    ("rms_norm", {}, {"x": (3, 5), "gain": (5,)}),
    ("group_norm", {"groups": 2}, {"x": (2, 4, 3), "gain": (4,), "shift": (4,)}),
    ("instance_norm", {}, {"x": (2, 3, 4), "gain": (3,), "shift": (3,)}),
    ("weight_norm", {}, {"w": (3, 2, 2), "gain": (3,)}),
    ("rnn", {"units": 3}, {"xs": (4, 2, 2), "input_weight": (3, 2), "recurrent_weight": (3, 3), "bias": (3,)}),
    ("rnn", {"units": 3, "backward": "true", "activation": "relu"},
     {"xs": (4, 2, 2), "input_weight": (3, 2), "recurrent_weight": (3, 3), "bias": (3,), "h0": (2, 3), "leak": (3,)}, LENGTHS),
    ("lstm", {"units": 3}, LSTM, {}),
    ("lstm_states", {"units": 3, "peephole": "true", "forget_bias": "1"},
     {**LSTM, "peephole_weight": (3, 3), "h0": (2, 3), "c0": (2, 3)}, LENGTHS),
    ("lstm", {"units": 3, "activation": "sigmoid", "backward": "true"}, LSTM, LENGTHS),
    ("gru", {"units": 3}, {**GRU, "candidate_bias": (3,)}),
    ("gru", {"units": 3, "reset_before": "true", "activation": "sigmoid"}, {**GRU, "h0": (2, 3)}, LENGTHS),
    ("recurrent", {"cells": "[bidirectional(rnn(2)), rnn(1)]"},
     {"xs": (4, 2, 2), **within("0.rnn_1", {"input_weight": (2, 2), "recurrent_weight": (2, 2), "bias": (2,)}),
      **within("0.rnn_2", {"input_weight": (2, 2), "recurrent_weight": (2, 2), "bias": (2,)}),
      **within("1.rnn_1", {"input_weight": (1, 4), "recurrent_weight": (1, 1), "bias": (1,)})}, LENGTHS),
    ("sequence_to_sequence", {"units": 3}, {"source": (4, 2, 2), "target": (3, 2, 2), **within("encoder", LSTM), **within("decoder", LSTM)}, LENGTHS),
    ("encoder_decoder", {"units": 3},
     {"source": (4, 2, 2), "target": (3, 2, 1), **within("encoder", GRU), **within("decoder", {**GRU, "input_weight": (3, 3, 4)}),
      **within("summary", {"weight": (3, 3), "bias": (3,)}), **within("start", {"weight": (3, 3), "bias": (3,)})}, LENGTHS),
    ("attention_decoder", {"units": 3},
     {"target": (3, 2, 1), "memory": (4, 2, 2), "h0": (2, 3), "input_weight": (3, 3, 3), "recurrent_weight": (3, 3, 3), "bias": (3, 3),
      "query_weight": (3, 3), "key_weight": (3, 2), "score_weight": (3,)}, LENGTHS),
    ("multi_head", {"heads": 2, "units": 4},
     {"x": (2, 3, 5), "memory": (2, 4, 3), **ATTENTION, "query_weight": (4, 5), "key_weight": (4, 3), "value_weight": (4, 3), "output_weight": (5, 4),
      "output_bias": (5,), "bias": (2, 3, 4)}, {**LENGTHS, "key_bias": KEY_BIAS}),
    ("multi_head", {"heads": 2, "causal": "true", "rotate": "true"}, {"x": (2, 3, 4), "memory": (2, 3, 4), **ATTENTION, "key_bias": (4,)}),
    ("learned_positions", {"positions": 5}, {"x": (2, 3, 4), "weight": (5, 4)}),
    ("transformer_encoder_block", {"heads": 2, "hidden": 5}, {"x": (2, 4, 4), **ENCODER}, {**LENGTHS, "attend.key_bias": KEY_BIAS}),
    ("transformer_encoder", {"blocks": 1, "heads": 2, "hidden": 5, "pre_norm": "true"},
     {"x": (2, 4, 4), **within("0", ENCODER), "layer_norm_1.gain": (4,), "layer_norm_1.shift": (4,)}, {**LENGTHS, "0.attend.key_bias": KEY_BIAS}),
    ("transformer_decoder_block", {"heads": 2, "hidden": 5},
     {"x": (2, 3, 4), "memory": (2, 4, 3), **ENCODER, **within("cross", {**ATTENTION, "key_weight": (4, 3), "value_weight": (4, 3)}),
      "cross_norm.gain": (4,), "cross_norm.shift": (4,)},
     {**LENGTHS, "attend.key_bias": KEY_BIAS, "cross.key_bias": KEY_BIAS}),
    ("graph_conv", {"units": 3}, {"x": (4, 2), "weight": (3, 2), "bias": (3,)}, EDGES),
    ("sage", {"units": 3}, {"x": (4, 2), "weight": (3, 2), "neighbour_weight": (3, 2), "bias": (3,)}, EDGES),
    ("gat", {"units": 3, "heads": 2},
     {"x": (4, 2), "weight": (2, 3, 2), "target_attention": (2, 3), "source_attention": (2, 3), "bias": (6,)}, EDGES),
    ("gin", {"units": "[3, 2]"},
     {"x": (4, 2), "eps": (1,), "mlp_1.0.weight": (3, 2), "mlp_1.0.bias": (3,), "mlp_1.1.weight": (2, 3), "mlp_1.1.bias": (2,)}, EDGES),
    ("message_passing", {"message": "[3]", "update": "[2]", "how": '"max"'},
     {"x": (4, 2), "edges": (6, 1), "say.0.weight": (3, 5), "say.0.bias": (3,), "become.0.weight": (2, 5), "become.0.bias": (2,)}, EDGES),
    ("set_equivariant", {"units": 3}, {"x": (2, 3, 2), "weight": (3, 2), "pool_weight": (3, 2), "bias": (3,)}, MASK),
    ("deep_sets", {"element": "[3]", "set": "[2]", "how": '"max"'},
     {"x": (2, 3, 2), "mlp_1.0.weight": (3, 2), "mlp_1.0.bias": (3,), "mlp_2.0.weight": (2, 3), "mlp_2.0.bias": (2,)}, MASK),
    ("set_attention_pool", {"heads": 2, "seeds": 3}, {"x": (2, 3, 4), "queries": (3, 4), **within("multi_head_1", ATTENTION)},
     {**MASK, "multi_head_1.key_bias": KEY_BIAS}),
]


class Layers(unittest.TestCase):
    def run_dlc(self, file, call, arrays, *more):
        with tempfile.TemporaryDirectory() as folder:
            given, results = os.path.join(folder, "in.npz"), os.path.join(folder, "out.npz")
            write_npz(given, arrays)
            run = subprocess.run([DLC, "run", os.path.join(STD, file), "--call", call, "--in", given, "--out", results, "--float", "f64", *more],
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
            self.assertEqual(run.returncode, 0, run.stdout)
            return read_npz(results)

    def layer(self, name, settings, arrays, *more, file="nn.dlm"):
        return self.run_dlc(file, name, arrays, *[part for k, v in settings.items() for part in ("--set", f"{k}={v}")], *more)

    def near(self, got, wanted, tolerance=1e-12):
        self.assertEqual(got.shape, wanted.shape)
        for a, b in zip(got.values, wanted.values):
            self.assertLessEqual(abs(a - b), tolerance * max(1, abs(b)), f"{got.values} is not {wanted.values}")

    def test_gradients(self):
        h = 5e-4
        for name, settings, shapes, *besides in LAYERS:
            for mode in ([], ["--train"]) if name == "batch_norm" else ([],):
                arrays = dict(*besides, **{leaf: samples(shape, k) for k, (leaf, shape) in enumerate(shapes.items())})
                results = {k: y for k, y in self.layer(name, settings, arrays, *mode).items() if not k.startswith("state/")}
                cotangents = {result: samples(y.shape, 9 + k) for k, (result, y) in enumerate(results.items())}
                derivative = self.layer(name, settings, dict(arrays, **{"cotangent/" + k: v for k, v in cotangents.items()}), "--vjp", *mode)
                for k, leaf in enumerate(shapes):
                    with self.subTest(layer=name, leaf=leaf, mode=mode):
                        direction = samples(shapes[leaf], k + 20)

                        def value(by):
                            there = dict(arrays, **{leaf: moved(arrays[leaf], direction, by)})
                            there = self.layer(name, settings, there, "--interpret", *mode)
                            return math.fsum(inner(there[result], cotangent) for result, cotangent in cotangents.items())

                        difference = (8 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h))) / (12 * h)
                        slope = inner(derivative["grad/" + leaf], direction)
                        self.assertLessEqual(abs(slope - difference), 1e-9 * abs(difference))

    def test_values_are_those_of_the_functions(self):
        x, w, b = samples((4, 2), 1), samples((3, 2), 2), samples((3,), 3)
        self.near(self.layer("dense", {"units": 3}, {"x": x, "weight": w, "bias": b})["y"],
                  self.run_dlc("linear.dlm", "linear", {"x": x, "w": w, "b": b})["y"])
        x, w, b = samples((2, 2, 5, 4), 1), samples((3, 2, 3, 3), 2), samples((3,), 3)
        self.near(self.layer("conv2d", {"channels": 3, "stride": 2}, {"x": x, "weight": w, "bias": b})["y"],
                  self.run_dlc("conv.dlm", "conv", {"x": x, "w": w, "b": b}, "--set", "stride=2", "--set", "pad=1")["y"])
        x, gain, shift = samples((3, 5), 1), samples((5,), 2), samples((5,), 3)
        self.near(self.layer("layer_norm", {}, {"x": x, "gain": gain, "shift": shift})["y"],
                  self.run_dlc("norm.dlm", "normalize_layer", {"x": x, "gain": gain, "shift": shift})["y"])
        x, center, width = samples((4, 2), 1), samples((3, 2), 2), samples((3,), 3)
        layer = self.layer("radial", {"units": 3}, {"x": x, "center": center, "widths": width, "cotangent/y": samples((4, 3), 9)}, "--vjp")
        function = self.run_dlc("unit.dlm", "rbf", {"x": x, "center": center, "width": width, "cotangent/y": samples((4, 3), 9)}, "--vjp")
        for mine, theirs in (("y", "y"), ("grad/x", "grad/x"), ("grad/center", "grad/center"), ("grad/widths", "grad/width")):
            self.near(layer[mine], function[theirs])

    def test_batch_norm_uses_the_batch_in_training_and_its_state_without(self):
        x = samples((3, 2, 4), 1)
        eps = 1e-5
        # As it begins the running mean is 0 and the running variance 1.
        self.near(self.layer("batch_norm", {}, {"x": x})["y"], x._replace(values=[v / math.sqrt(1 + eps) for v in x.values]))
        channel = lambda i: i // 4 % 2
        means, variances = [], []
        for c in range(2):
            values = [v for i, v in enumerate(x.values) if channel(i) == c]
            means.append(math.fsum(values) / len(values))
            variances.append(math.fsum((v - means[c]) ** 2 for v in values) / len(values))
        expected = [(v - means[channel(i)]) / math.sqrt(variances[channel(i)] + eps) for i, v in enumerate(x.values)]
        self.near(self.layer("batch_norm", {}, {"x": x}, "--train")["y"], x._replace(values=expected))

    def test_stochastic_pool_draws_in_training_and_expects_without(self):
        x = array([0.0, 1.0, 2.0, 3.0, -1.0, 0.0], "f64", (1, 1, 6))
        self.near(self.layer("stochastic_pool", {"kernel": 2}, {"x": x})["y"], array([1.0, 13 / 5, 0.0], "f64", (1, 1, 3)))
        seen = {tuple(self.layer("stochastic_pool", {"kernel": 2}, {"x": x}, "--train", "--seed", str(k))["y"].values) for k in range(12)}
        self.assertEqual(seen, {(1.0, 2.0, 0.0), (1.0, 3.0, 0.0)})

    def test_spectral_norm_follows_the_singular_vector_in_training_only(self):
        # Of [[3, 0], [0, 1]] the singular values are 3 and 1; a step takes the left vector (1, 1) to (9, 1), normalised.
        w, left = array([3.0, 0.0, 0.0, 1.0], "f64", (2, 2)), array([1.0, 1.0], "f64", (2,))
        trained = self.layer("spectral_norm", {}, {"w": w, "left": left}, "--train")
        next_left = [9 / math.sqrt(82), 1 / math.sqrt(82)]
        value = math.hypot(9, 1) / math.hypot(3, 1)
        self.near(trained["state/left"], array(next_left, "f64", (2,)))
        for result in (trained, self.layer("spectral_norm", {}, {"w": w, "left": left})):
            self.near(result["y"], w._replace(values=[v / value for v in w.values]))

    def test_dropout_drops_in_training_only(self):
        x = samples((8, 16), 1)
        self.assertEqual(self.layer("dropout", {}, {"x": x})["y"].values, x.values)
        y = self.layer("dropout", {}, {"x": x, "cotangent/y": array([1.0] * 128, "f64", (8, 16))}, "--train", "--vjp")
        kept = [v != 0 for v in y["y"].values]
        self.assertTrue(0.3 < sum(kept) / len(kept) < 0.7)
        self.assertEqual(y["y"].values, [2 * v if k else 0 for v, k in zip(x.values, kept)])
        self.assertEqual(y["grad/x"].values, [2.0 if k else 0.0 for k in kept])

    def test_noise_is_for_training_only(self):
        x = samples((4, 3, 2), 1)
        for name in ("spatial_dropout", "drop_path", "alpha_dropout", "gaussian_noise"):
            with self.subTest(layer=name):
                self.assertEqual(self.layer(name, {}, {"x": x})["y"].values, x.values)
                self.assertNotEqual(self.layer(name, {"p": 0.5} if name == "drop_path" else {}, {"x": x}, "--train")["y"].values, x.values)
        self.assertEqual(self.layer("rrelu", {"lo": 0.25, "hi": 0.5}, {"x": x})["y"].values, [max(v, 0.375 * v) for v in x.values])
        label = array([n % 4 for n in range(64)], "i64", (64,))
        self.assertEqual(self.layer("label_noise", {"classes": 4, "p": 0.9}, {"label": label})["y"].values, label.values)
        self.assertNotEqual(self.layer("label_noise", {"classes": 4, "p": 0.9}, {"label": label}, "--train")["y"].values, label.values)

    def test_augmentation_is_for_training_only(self):
        x = samples((4, 2, 6, 6), 1)
        for name in ("random_shift", "random_flip"):
            self.assertEqual(self.layer(name, {}, {"x": x}, file="augment.dlm")["y"].values, x.values)
            first, other = (self.layer(name, {}, {"x": x}, "--train", "--seed", str(seed), file="augment.dlm")["y"].values for seed in (3, 4))
            self.assertNotEqual(first, x.values)
            self.assertNotEqual(first, other)
            self.assertEqual(first, self.layer(name, {}, {"x": x}, "--train", "--seed", "3", file="augment.dlm")["y"].values)

    def test_the_gradient_of_a_table_adds_where_a_row_is_read_twice(self):
        index = array([[0, 2], [2, 2]], "i64")
        table, cotangent = samples((3, 2), 1), samples((2, 2, 2), 2)
        got = self.layer("embedding", {"entries": 3, "units": 2}, {"x": index, "weight": table, "cotangent/y": cotangent}, "--vjp")
        expected = [0.0] * 6
        for position, row in enumerate(index.values):
            for u in range(2):
                expected[2 * row + u] += cotangent.values[2 * position + u]
        self.near(got["grad/weight"], Array("f64", (3, 2), expected))
        self.near(got["y"], Array("f64", (2, 2, 2), [table.values[2 * row + u] for row in index.values for u in range(2)]), 0)

    def test_initial_parameters_depend_on_the_seed_alone(self):
        x = samples((4, 2), 1)
        first = self.layer("dense", {"units": 3}, {"x": x}, "--seed", "7")["y"]
        self.near(self.layer("dense", {"units": 3}, {"x": x}, "--seed", "7", "--interpret")["y"], first, 1e-15)
        self.assertEqual(first.values, self.layer("dense", {"units": 3}, {"x": x}, "--seed", "7")["y"].values)
        other = self.layer("dense", {"units": 3}, {"x": x}, "--seed", "8")["y"]
        self.assertTrue(all(a != b for a, b in zip(first.values, other.values)))


if __name__ == "__main__":
    unittest.main()
