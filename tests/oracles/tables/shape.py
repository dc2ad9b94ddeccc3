"""Rearranging elements."""

import torch
from torch.nn import functional as f

from cases import case, real, row
from tables._axes import both_sides


def pad(x, before, after=None, value=0.0):
    return f.pad(x, both_sides(before, before if after is None else after, x.dim() - 2), value=value)


TABLE = [
    row("flatten", lambda x: x.flatten(1), case(x=real(2, 3, 4, 5)), case(x=real(3, 4)), case(x=real(0, 2, 3)), case(x=real(1, 1, 1))),
    row("transpose", lambda x: x.transpose(-1, -2), case(x=real(3, 4)), case(x=real(2, 1, 5, 3)), case(x=real(0, 3))),
    row(
        "concat",
        lambda a, b: torch.cat([a, b], -1),
        case(a=real(3, 4), b=real(3, 2)),
        case(a=real(2, 3, 1), b=real(2, 3, 5)),
        case(a=real(4), b=real(0)),
    ),
    row(
        "stack_rows",
        lambda a, b: torch.cat([a, b]),
        case(a=real(3, 4), b=real(2, 4)),
        case(a=real(1), b=real(3)),
        case(a=real(0, 2, 2), b=real(3, 2, 2)),
    ),
    row(
        "pad",
        pad,
        case(x=real(2, 3, 5), before=2),
        case(x=real(1, 2, 3, 4), before=[1, 0], after=[0, 2], value=0.5),
        case(x=real(1, 1, 2, 1, 3), before=1),
    ),
]
