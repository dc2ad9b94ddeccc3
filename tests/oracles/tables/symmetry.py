"""Convolutions that commute with quarter turns and reflections, by their definition: correlations with each filter moved by hand."""

import torch

from cases import case, real, row
from tables._convolution import conv

EXEMPT = {"group_order": "a number of statics; every row of `orbit` depends on it"}


def order(group):
    return {"p4": 4, "p4m": 8}[group]


def moved(w, g):
    """w mirrored where g >= 4, then turned g % 4 times counter-clockwise."""
    return torch.rot90(w.flip(-1) if g >= 4 else w, g % 4, (-2, -1))


def orbit(w, group):
    return torch.stack([moved(w, g) for g in range(order(group))], -3)


def padding_of(w, pad, padding):
    return pad if pad >= 0 else {"valid": 0, "same": w.shape[-1] // 2, "full": w.shape[-1] - 1}[padding]


def lifting_conv(x, w, b=None, group="p4", stride=1, pad=-1, padding="valid"):
    p = padding_of(w, pad, padding)
    return torch.stack([conv(x, moved(w, g), b, stride=stride, pad=p) for g in range(order(group))], 2)


def element(g):
    """A group element as the 2 x 2 matrix by which it moves positions."""
    turn, mirror = torch.tensor([[0, -1], [1, 0]]), torch.tensor([[-1, 0], [0, 1]])
    m = torch.eye(2, dtype=torch.int64)
    if g >= 4:
        m = mirror @ m
    for _ in range(g % 4):
        m = turn @ m
    return m


def group_conv(x, w, b=None, group="p4", stride=1, pad=-1, padding="valid"):
    """Map g sees map h through the filter of element g^-1 h, moved by g; products are those of the matrices."""
    elements = [element(g) for g in range(order(group))]
    find = lambda m: next(i for i, e in enumerate(elements) if torch.equal(e, m))
    p = padding_of(w, pad, padding)
    maps = []
    for g, eg in enumerate(elements):
        inverse = eg.T  # orthogonal
        maps.append(sum(conv(x[:, :, h], moved(w[:, :, find(inverse @ eh)], g), stride=stride, pad=p) for h, eh in enumerate(elements)))
    y = torch.stack(maps, 2)
    return y if b is None else y + b.reshape(-1, 1, 1, 1)


TABLE = [
    row(
        "rotate",
        lambda x, times=1: torch.rot90(x, times, (-2, -1)),
        case(x=real(2, 3, 4)),
        case(x=real(3, 3), times=2),
        case(x=real(1, 2, 5), times=3),
        case(x=real(2, 3), times=4),
    ),
    row("mirror", lambda x: x.flip(-1), case(x=real(2, 3, 4)), case(x=real(3, 1))),
    row("orbit", orbit, case(w=real(2, 3, 3), group="p4"), case(w=real(2, 1, 4, 4), group="p4m"), case(w=real(1, 1), group="p4m")),
    row(
        "lifting_conv",
        lifting_conv,
        case(x=real(2, 2, 5, 4), w=real(3, 2, 3, 3), b=real(3)),
        case(x=real(1, 1, 5, 5), w=real(2, 1, 2, 2), group="p4m", stride=2),
        case(x=real(1, 2, 4, 4), w=real(2, 2, 3, 3), group="p4m", padding="same"),
    ),
    row(
        "group_conv",
        group_conv,
        case(x=real(1, 2, 4, 4, 5), w=real(2, 2, 4, 3, 3), b=real(2)),
        case(x=real(1, 1, 8, 3, 3), w=real(2, 1, 8, 2, 2), group="p4m"),
        case(x=real(1, 1, 8, 5, 5), w=real(1, 1, 8, 3, 3), group="p4m", stride=2, pad=1),
    ),
    row("group_max_pool", lambda x: x.amax(2), case(x=real(2, 3, 4, 2, 3)), case(x=real(1, 1, 8, 1, 2))),
    row("group_avg_pool", lambda x: x.mean(2), case(x=real(2, 3, 4, 2, 3)), case(x=real(1, 1, 8, 1, 2))),
]
