"""Products."""

import torch
from torch.nn import functional as f

from cases import case, real, row

TABLE = [
    row(
        "linear",
        lambda x, w, b=None: f.linear(x, w, b),
        case(x=real(4, 3), w=real(5, 3), b=real(5)),
        case(x=real(2, 3, 1), w=real(2, 1)),
        case(x=real(7), w=real(1, 7), b=real(1)),
        case(x=real(0, 3), w=real(2, 3), b=real(2)),
    ),
    row(
        "matmul",
        lambda a, b: torch.matmul(a, b),
        case(a=real(3, 4), b=real(4, 5)),
        case(a=real(2, 1, 3, 4), b=real(5, 4, 1)),
        case(a=real(1, 1), b=real(1, 1)),
        case(a=real(3, 0), b=real(0, 2)),
    ),
    row("dot", lambda a, b: torch.dot(a, b), case(a=real(7), b=real(7)), case(a=real(1), b=real(1)), case(a=real(0), b=real(0))),
    row("outer", lambda a, b: torch.outer(a, b), case(a=real(3), b=real(5)), case(a=real(1), b=real(4))),
    row(
        "cosine_similarity",
        lambda a, b: f.cosine_similarity(a, b, dim=-1),
        case(a=real(3, 5), b=real(3, 5)),
        case(a=real(2, 1, 3), b=real(2, 1, 3)),
    ),
]
