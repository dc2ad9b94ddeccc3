"""Layers made of layers."""

import torch
from torch.nn import functional as f

from cases import case, real, row


def dense(x, p, path):
    return f.linear(x, p[path + ".weight"], p[path + ".bias"])


def parameters(path, inputs, units):
    return {path + ".weight": real(units, inputs), path + ".bias": real(units)}


def blocks(program):
    """The file that a row of a layer which takes layers needs: they must be in sight."""
    return f'import "std/nn"\nlayer main(x: f[..]) -> y {{\n  y = x |> {program}\n}}\n'


TABLE = [
    row(
        "chain",
        lambda x, **p: dense(torch.tanh(dense(x, p, "chain_1.0")), p, "chain_1.2"),
        case({**parameters("chain_1.0", 3, 4), **parameters("chain_1.2", 4, 2)}, x=real(5, 3)),
        order=1,
        program=blocks("chain([dense(4), tanh, dense(2)])"),
    ),
    row(
        "repeat",
        lambda x, **p: torch.tanh(dense(torch.tanh(dense(x, p, "repeat_1.0.0")), p, "repeat_1.1.0")),
        case({**parameters("repeat_1.0.0", 3, 3), **parameters("repeat_1.1.0", 3, 3)}, x=real(2, 3)),
        order=1,
        program=blocks("repeat(2, chain([dense(3), tanh]))"),
    ),
    row(
        "residual",
        lambda x, **p: x + dense(x, p, "residual_1.dense_1"),
        case(parameters("residual_1.dense_1", 3, 3), x=real(2, 4, 3)),
        order=1,
        program=blocks("residual(dense(3))"),
    ),
]
