"""Order and selection."""

import torch
from torch.nn import functional as f

from cases import case, integer, real, row

ROWS = (case(x=real(3, 5)), case(x=real(2, 3, 1)), case(x=real(6)), case(x=real(0, 3)))
DOWN = case(x=real(2, 7), descending=True)
TIES = case(x=real(2, 4, values=[0.5, -1.0, 0.5, -1.0, 1.0, 1.0, 1.0, 0.0]))


def positions(x, descending=False):
    return x.sort(dim=-1, descending=descending, stable=True)[1]


TABLE = [
    row("ranks", lambda x, descending=False: torch.argsort(positions(x, descending), -1), *ROWS, DOWN, TIES, order=0),
    row("sort", lambda x, descending=False: x.sort(dim=-1, descending=descending, stable=True)[0], *ROWS, DOWN, TIES),
    row("argsort", positions, *ROWS, DOWN, TIES, order=0),
    row("top_k", lambda x, k: x.topk(k, -1), case(x=real(3, 5), k=2), case(x=real(6), k=6), case(x=real(2, 2, 1), k=1)),
    row(
        "quantile",
        lambda x, q: torch.quantile(x, q, -1),
        case(x=real(3, 5), q=0.3),
        case(x=real(2, 3, 4), q=0.5),
        case(x=real(2, 1), q=0.9),
        case(x=real(6), q=1.0),
        case(x=real(6), q=0.0),
    ),
    row("median", lambda x: torch.quantile(x, 0.5, -1), case(x=real(3, 5)), case(x=real(2, 4)), case(x=real(1))),
    row("cumsum", lambda x: torch.cumsum(x, -1), *ROWS),
    row(
        "cumprod",
        lambda x: torch.cumprod(x, -1),
        *ROWS,
        case(x=real(2, 4, values=[0.5, 0.0, -2.0, 0.25, 0.0, 3.0, 0.0, -1.0])),
        case(x=real(1, 19, lo=0.5, hi=1.5))
    ),
    row("cummax", lambda x: torch.cummax(x, -1)[0], *ROWS),
    row(
        "one_hot",
        lambda label, classes: f.one_hot(label, classes).double(),
        case(label=integer(5, hi=4), classes=4),
        case(label=integer(2, 3, hi=1), classes=1),
        case(label=integer(0, hi=3), classes=3),
    ),
    row(
        "take",
        lambda x, index: torch.take_along_dim(x, index, -1),
        case(x=real(3, 5), index=integer(3, 4, hi=5)),
        case(x=real(2, 3, 1), index=integer(2, 3, 2, hi=1)),
        case(x=real(4), index=integer(9, hi=4)),
    ),
    row(
        "scatter_add",
        lambda x, index, v: x.scatter_add(-1, index, v),
        case(x=real(3, 5), index=integer(3, 4, hi=5), v=real(3, 4)),
        case(x=real(4), index=integer(9, hi=4), v=real(9)),
        case(x=real(2, 3), index=integer(2, 0, hi=3), v=real(2, 0)),
    ),
]
