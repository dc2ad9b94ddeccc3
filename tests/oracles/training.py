#!/usr/bin/env python3
"""Holds 20 steps of training against PyTorch: every optimizer of std/optim on every model of `models`, losses and last parameters to 1e-9.

usage: training.py DLC [NAME …]       of NAME alone, a model or an optimizer
       training.py DLC --write        the numbers for tests/cli/train_reference_test.py, which needs no PyTorch: training.json
Where PyTorch's formula is the library's, PyTorch's optimizer is taken; where it differs, the book's form is written out here.
Exit status 1 where something differs.
"""

import argparse
import json
import os
import sys

sys.dont_write_bytecode = True
import library
import runs
import torch
from cases import integer, mixed, real
from checksums import written
from compare import tensor
from tables import nn_attention, nn_graph, nn_recurrent
from torch.nn import functional as f

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS, BATCH, CLASSES, SEED = 20, 8, 3, 1


def dense(x, p, path):
    return f.linear(x, p[path + ".weight"], p[path + ".bias"])


def mlp(p, x):
    return dense(f.relu(dense(torch.tanh(dense(x, p, "dense_1")), p, "dense_2")), p, "dense_3")


def convnet(p, x):
    for layer in ("conv2d_1", "conv2d_2"):
        x = f.max_pool2d(f.relu(f.conv2d(x, p[layer + ".weight"], p[layer + ".bias"], padding=1)), 2)
    return dense(x.flatten(1), p, "dense_1")


def recurrent(name, layer):
    return lambda p, x: dense(layer(xs=x.transpose(0, 1), units=4, **nn_attention.under(p, name + "_1."))[-1], p, "dense_1")


def transformer(p, x):
    h = dense(x, p, "dense_1") + p["learned_positions_1.weight"]
    h = nn_attention.encoder_block(h, 2, 6, True, **nn_attention.under(p, "transformer_encoder_block_1."))
    return dense(h.mean(1), p, "dense_2")


def gcn(p, x, to, **edges):
    for layer in ("graph_conv_1", "graph_conv_2"):
        x = nn_graph.graph_conv(
            x if layer == "graph_conv_1" else torch.tanh(x), to, p[layer + ".weight"], p[layer + ".bias"], None, **edges
        )
    return x


def affine(path, k, units):
    return {path + ".weight": (units, k), path + ".bias": (units,)}


def sizes(specs):
    return {path: spec.shape for path, spec in specs.items()}


SEQUENCE = {"x": real(BATCH, 5, 3)}
GRAPH = {"x": real(BATCH, 4), "from": integer(14, hi=BATCH), "to": integer(14, hi=BATCH)}
cells = lambda path, gates, **more: sizes(nn_attention.prefixed(path, nn_recurrent.cell(gates, 3, 4, **more)))

# model: (its scores, its inputs in a step, its parameters)
MODELS = {
    "mlp": (mlp, {"x": real(BATCH, 6)}, {**affine("dense_1", 6, 8), **affine("dense_2", 8, 5), **affine("dense_3", 5, 3)}),
    "convnet": (
        convnet,
        {"x": real(BATCH, 1, 8, 8)},
        {
            "conv2d_1.weight": (4, 1, 3, 3),
            "conv2d_1.bias": (4,),
            "conv2d_2.weight": (5, 4, 3, 3),
            "conv2d_2.bias": (5,),
            **affine("dense_1", 20, 3),
        },
    ),
    "lstm": (recurrent("lstm", nn_recurrent.lstm), SEQUENCE, {**cells("lstm_1.", 4), **affine("dense_1", 4, 3)}),
    "gru": (recurrent("gru", nn_recurrent.gru), SEQUENCE, {**cells("gru_1.", 3, candidate_bias=real(4)), **affine("dense_1", 4, 3)}),
    "transformer": (
        transformer,
        SEQUENCE,
        {
            **affine("dense_1", 3, 4),
            "learned_positions_1.weight": (5, 4),
            **affine("dense_2", 4, 3),
            **sizes(nn_attention.prefixed("transformer_encoder_block_1.", nn_attention.block_of(4, 6))),
        },
    ),
    "gcn": (gcn, GRAPH, {**affine("graph_conv_1", 4, 5), **affine("graph_conv_2", 5, 3)}),
}


class Book:
    """The book's form: `update` gives a parameter's next value from its value w, its gradient g at `point` and its slots s."""

    def __init__(self, update, look_ahead=0.0):
        self.update, self.look_ahead, self.slots = update, look_ahead, {}

    def point(self, path, w):
        return w + self.look_ahead * self.slots.setdefault(path, {"v": torch.zeros_like(w), "r": torch.zeros_like(w)})["v"]

    def step(self, p, gradients):
        with torch.no_grad():
            for path, w in p.items():
                w.copy_(self.update(w.clone(), gradients[path], self.slots[path]))


class PyTorch:
    def __init__(self, make):
        self.make, self.optimizer = make, None

    def point(self, path, w):
        return w

    def step(self, p, gradients):
        self.optimizer = self.optimizer or self.make(list(p.values()))
        for path, w in p.items():
            w.grad = gradients[path]
        self.optimizer.step()


def momentum(lr, alpha):
    """Algorithms 8.2 and, where the gradient is taken ahead, 8.3."""

    def update(w, g, s):
        s["v"] = alpha * s["v"] - lr * g
        return w + s["v"]

    return update


def rmsprop(lr, rho, delta):
    """Algorithm 8.5: delta stands under the root."""

    def update(w, g, s):
        s["r"] = rho * s["r"] + (1 - rho) * g * g
        return w - lr / torch.sqrt(delta + s["r"]) * g

    return update


def rmsprop_nesterov(lr, rho, alpha):
    """Algorithm 8.6; 0 / 0 is 0."""

    def update(w, g, s):
        s["r"] = rho * s["r"] + (1 - rho) * g * g
        s["v"] = alpha * s["v"] - lr * torch.where(s["r"] > 0, g / torch.sqrt(torch.where(s["r"] > 0, s["r"], 1)), 0)
        return w + s["v"]

    return update


o = torch.optim
OPTIMIZERS = {
    "sgd(lr = 0.0625)": lambda: PyTorch(lambda p: o.SGD(p, lr=0.0625)),
    "sgd(lr = 0.0625, momentum = 0.9)": lambda: PyTorch(lambda p: o.SGD(p, lr=0.0625, momentum=0.9)),
    "sgd(lr = 0.0625, momentum = 0.9, nesterov = true, weight_decay = 0.1)": lambda: PyTorch(
        lambda p: o.SGD(p, lr=0.0625, momentum=0.9, nesterov=True, weight_decay=0.1)
    ),
    "momentum(lr = 0.0625, momentum = 0.9)": lambda: Book(momentum(0.0625, 0.9)),
    "nesterov_momentum(lr = 0.0625, momentum = 0.9)": lambda: Book(momentum(0.0625, 0.9), 0.9),
    "adagrad(lr = 0.05)": lambda: PyTorch(lambda p: o.Adagrad(p, lr=0.05, eps=1e-7)),
    "rmsprop(lr = 0.01)": lambda: Book(rmsprop(0.01, 0.9, 1e-6)),
    "rmsprop_nesterov(lr = 0.005, momentum = 0.5)": lambda: Book(rmsprop_nesterov(0.005, 0.9, 0.5), 0.5),
    "adadelta()": lambda: PyTorch(lambda p: o.Adadelta(p, lr=1.0, rho=0.95, eps=1e-6)),
    "adam(lr = 0.01)": lambda: PyTorch(lambda p: o.Adam(p, lr=0.01)),
    "adamw(lr = 0.01, weight_decay = 0.1)": lambda: PyTorch(lambda p: o.AdamW(p, lr=0.01, weight_decay=0.1)),
}
# A bias of the keys cancels in the softmax: its gradient is rounding, which algorithm 8.6 divides by its own length.
ROUNDING = {("transformer", "rmsprop_nesterov(lr = 0.005, momentum = 0.5)"): "transformer_encoder_block_1.attend.key_bias"}
WRITTEN = "adam(lr = 0.01)"  # of the models but the first


def given(model):
    """The initial parameters and the batches, {name: Array}, and the specs of the batches."""
    _, inputs, shapes = MODELS[model]
    specs = {name: spec._replace(shape=(STEPS, *spec.shape)) for name, spec in {**inputs, "label": integer(BATCH, hi=CLASSES)}.items()}
    initial = {path: real(*shape, lo=-0.5, hi=0.5) for path, shape in shapes.items()}
    return [{name: spec.make(mixed(SEED, model, name)) for name, spec in both.items()} for both in (initial, specs)] + [initial, specs]


def trained(model, optimizer):
    """PyTorch's losses, where the gradient is taken, and last parameters."""
    logits = MODELS[model][0]
    initial, batches, *_ = given(model)
    p = {path: tensor(a).requires_grad_() for path, a in initial.items()}
    steps = {name: tensor(a) for name, a in batches.items()}
    method, losses = OPTIMIZERS[optimizer](), []

    def loss_at(point, step):
        inputs = {name: values[step] for name, values in steps.items() if name != "label"}
        return f.cross_entropy(logits(point, **inputs), steps["label"][step])

    for step in range(STEPS):
        point = {path: method.point(path, w.detach()).clone().requires_grad_() for path, w in p.items()}
        loss = loss_at(point, step)
        losses.append(loss.item())
        method.step(p, dict(zip(p, torch.autograd.grad(loss, list(point.values())))))
    return losses, {path: w.detach() for path, w in p.items()}


def error(got, wanted):
    return max((abs(g - w) / max(abs(w), 1e-3) for g, w in zip(got, wanted, strict=True)), default=0.0)


def compare(arguments):
    problems = []
    print("largest relative errors of losses and of last parameters")
    for model in MODELS:
        for optimizer in OPTIMIZERS:
            if arguments.names and not {model, optimizer.split("(")[0]} & set(arguments.names):
                continue
            losses, last = trained(model, optimizer)
            initial, batches, *_ = given(model)
            try:
                got, final = runs.follow(arguments.dlc, os.path.join(HERE, "models", model + ".dlm"), optimizer, initial, batches)
                worst = [
                    error(got, losses),
                    max(
                        error(final[path].values, w.flatten().tolist())
                        for path, w in last.items()
                        if path != ROUNDING.get((model, optimizer))
                    ),
                ]
            except runs.Failed as problem:
                problems.append(f"{model}, {optimizer}: {problem}")
                continue
            print(f"{model:12} {optimizer:70} {worst[0]:.1e}  {worst[1]:.1e}", flush=True)
            if not max(worst) <= 1e-9:
                problems.append(f"{model}, {optimizer}: differs by {max(worst):.2e}")
    return problems


def write(arguments):
    entries = []
    for model in MODELS:
        for optimizer in OPTIMIZERS if model == "mlp" else [WRITTEN]:
            losses, last = trained(model, optimizer)
            *_, initial, specs = given(model)
            entries.append(
                {
                    "model": model,
                    "optimizer": optimizer,
                    "initial": {n: written(s) for n, s in initial.items()},
                    "batches": {n: written(s) for n, s in specs.items()},
                    "losses": losses,
                    "final": {path: w.flatten().tolist() for path, w in last.items()},
                }
            )
    with open(os.path.join(HERE, "training.json"), "w", encoding="utf-8") as file:
        head = json.dumps({"pytorch": torch.__version__, "seed": SEED, "steps": STEPS})
        file.write(head[:-1] + ', "runs": [\n' + ",\n".join(json.dumps(entry) for entry in entries) + "\n]}\n")
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dlc")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_intermixed_args()
    arguments.dlc = os.path.abspath(arguments.dlc)
    problems = (write if arguments.write else compare)(arguments)
    print("\n".join(problems), file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
