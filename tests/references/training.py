#!/usr/bin/env python3
"""Writes training.json: losses and final parameters of 20 steps in f64, computed by PyTorch, for mlp.dlm and convnet.dlm.

usage: training.py > training.json        needs torch; the reference in the tree is from PyTorch 2 on a CPU
"""
import json, math
import torch
from sequences import labels, numbers

STEPS, BATCH, CLASSES = 20, 8, 3
MODELS = {
    "mlp": {
        "input": [6],
        "parameters": {"dense_1.weight": [8, 6], "dense_1.bias": [8], "dense_2.weight": [5, 8], "dense_2.bias": [5], "dense_3.weight": [3, 5], "dense_3.bias": [3]},
    },
    "convnet": {
        "input": [1, 8, 8],
        "parameters": {"conv2d_1.weight": [4, 1, 3, 3], "conv2d_1.bias": [4], "conv2d_2.weight": [5, 4, 3, 3], "conv2d_2.bias": [5], "dense_1.weight": [3, 20], "dense_1.bias": [3]},
    },
}
OPTIMIZERS = {"adam(lr = 0.01)": lambda p: torch.optim.Adam(p, lr=0.01), "sgd(lr = 0.0625, momentum = 0.9)": lambda p: torch.optim.SGD(p, lr=0.0625, momentum=0.9)}


def logits(name, p, x):
    f = torch.nn.functional
    if name == "mlp":
        h = torch.tanh(f.linear(x, p["dense_1.weight"], p["dense_1.bias"]))
        h = torch.relu(f.linear(h, p["dense_2.weight"], p["dense_2.bias"]))
        return f.linear(h, p["dense_3.weight"], p["dense_3.bias"])
    h = f.max_pool2d(torch.relu(f.conv2d(x, p["conv2d_1.weight"], p["conv2d_1.bias"], padding=1)), 2)
    h = f.max_pool2d(torch.relu(f.conv2d(h, p["conv2d_2.weight"], p["conv2d_2.bias"], padding=1)), 2)
    return f.linear(h.flatten(1), p["dense_1.weight"], p["dense_1.bias"])


def train(name, make_optimizer):
    model = MODELS[name]
    parameters = {}
    for seed, (path, shape) in enumerate(model["parameters"].items(), 1):
        parameters[path] = torch.tensor(numbers(seed, math.prod(shape), 0.5), dtype=torch.float64).reshape(shape).requires_grad_()
    size = BATCH * math.prod(model["input"])
    x = torch.tensor(numbers(100, STEPS * size), dtype=torch.float64).reshape([STEPS, BATCH, *model["input"]])
    y = torch.tensor(labels(101, STEPS * BATCH, CLASSES)).reshape([STEPS, BATCH])
    optimizer = make_optimizer(list(parameters.values()))
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(logits(name, parameters, x[step]), y[step])
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
    return {"model": name, "input": model["input"], "shapes": model["parameters"], "losses": losses,
            "final": {path: value.detach().flatten().tolist() for path, value in parameters.items()}}


runs = [{"optimizer": text, **train(name, make)} for name in MODELS for text, make in OPTIMIZERS.items()]
head = json.dumps({"pytorch": torch.__version__, "steps": STEPS, "batch": BATCH, "classes": CLASSES})
print(head[:-1] + ', "runs": [\n' + ",\n".join(json.dumps(run) for run in runs) + "\n]}")
