"""Units of several numbers."""

import torch
from torch.nn import functional as f

from cases import case, positive, real, row

HALVES = (case(x=real(3, 8, away=(0,))), case(x=real(2, 3, 2, away=(0,))), case(x=real(6, away=(0,))), case(x=real(0, 4)))


def gated(gate):
    def unit(x):
        a, b = x.chunk(2, -1)
        return a * gate(b)

    return unit


def rbf(x, center, width=torch.tensor(1.0)):
    return torch.exp(-((center - x.unsqueeze(-2)) ** 2).sum(-1) / width**2)


def maxout(x, pieces=2):
    return x.unflatten(-1, (-1, pieces)).amax(-1)


TABLE = [
    row("glu", gated(torch.sigmoid), *HALVES),
    row("reglu", gated(f.relu), *HALVES),
    row("geglu", gated(f.gelu), *HALVES),
    row("swiglu", gated(f.silu), *HALVES),
    row("maxout", maxout, case(x=real(3, 8)), case(x=real(2, 1, 9), pieces=3), case(x=real(2, 3), pieces=1)),
    row("rbf", rbf, case(x=real(5, 3), center=real(4, 3), width=positive(4)), case(x=real(2, 3, 1), center=real(2, 1))),
]
