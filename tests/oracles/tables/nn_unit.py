"""Layers of hidden units."""

import torch
from torch.nn import functional as f

from cases import case, real, row
from tables import unit


def rrelu(x, lo=1 / 8, hi=1 / 3):
    return f.rrelu(x, lo, hi, training=False)


def rrelu_train(x, lo=1 / 8, hi=1 / 3, drawn=None):
    slope = torch.where(x > 0, 1, drawn["y"] / x).detach()
    assert (slope[x < 0] >= lo).all() and (slope[x < 0] <= hi).all()
    return slope * x


TABLE = [
    row(
        "prelu",
        lambda x, slope: f.prelu(x, slope),
        case(x=real(4, 3, away=(0,)), slope=real(3)),
        case(x=real(2, 3, 4, 2, away=(0,)), slope=real(3)),
        case(x=real(2, 1, 3, away=(0,)), slope=real(1)),
    ),
    row("rrelu", rrelu, case(x=real(4, 3, away=(0,))), case(x=real(5, away=(0,)), lo=0.25, hi=0.5)),
    row("rrelu", rrelu_train, case(x=real(4, 3, away=(0,)), train=True), drawn=True),
    row(
        "maxout_dense",
        lambda x, weight, bias, units, pieces=2: unit.maxout(f.linear(x, weight, bias), pieces),
        case(x=real(4, 3), weight=real(10, 3), bias=real(10), units=5),
        case(x=real(2, 2, 1), weight=real(3, 1), bias=real(3), units=1, pieces=3),
    ),
    row(
        "radial",
        lambda x, center, widths, units, width=1.0: unit.rbf(x, center, widths),
        case(x=real(4, 3), center=real(5, 3), widths=real(5, lo=0.5, hi=2), units=5),
        case(x=real(2, 2, 1), center=real(1, 1), widths=real(1, lo=0.5, hi=2), units=1),
    ),
]
