"""Pooling and its inverses."""

import torch
from torch.nn import functional as f

from cases import case, integer, positive, real, row
from tables._axes import listed, windows

MAX = {1: f.max_pool1d, 2: f.max_pool2d, 3: f.max_pool3d}
ADAPTIVE_AVG = {1: f.adaptive_avg_pool1d, 2: f.adaptive_avg_pool2d, 3: f.adaptive_avg_pool3d}
ADAPTIVE_MAX = {1: f.adaptive_max_pool1d, 2: f.adaptive_max_pool2d, 3: f.adaptive_max_pool3d}


def max_pool(x, kernel, stride=None, pad=0, dilation=1):
    return MAX[x.dim() - 2](x, kernel, stride, pad, dilation)


def avg_pool(x, kernel, stride=None, pad=0, inside=False):
    count = windows(torch.ones_like(x), kernel, stride, pad).sum(-1) if inside else windows(x, kernel, stride, pad).shape[-1]
    return windows(x, kernel, stride, pad).sum(-1) / count


def lp_pool(x, kernel, stride=None, pad=0, p=2.0):
    return (windows(x, kernel, stride, pad).abs() ** p).sum(-1) ** (1 / p)


def max_positions(x, kernel, stride=None, pad=0):
    return MAX[x.dim() - 2](x, kernel, stride, pad, return_indices=True)[1]


def max_unpool(x, positions, size, kernel, stride=None, pad=0):
    flat = torch.zeros(*x.shape[:2], torch.Size(listed(size, x.dim() - 2)).numel(), dtype=x.dtype)
    return flat.scatter_add(2, positions.flatten(2), x.flatten(2)).unflatten(2, listed(size, x.dim() - 2))


def upsample(x, scale):
    for axis, n in enumerate(listed(scale, x.dim() - 2)):
        x = x.repeat_interleave(n, 2 + axis)
    return x


def expected_pool(x, kernel, stride=None, pad=0):
    a = windows(f.relu(x), kernel, stride, pad)
    total = a.sum(-1)
    return torch.where(total > 0, (a * a).sum(-1) / torch.where(total > 0, total, 1), 0)


def sampled_pool(x, kernel, stride=None, pad=0, drawn=None):
    """Each result is one of the positive elements of its window, or 0 where there are none."""
    a = windows(f.relu(x), kernel, stride, pad)
    chosen = (a == drawn[next(iter(drawn))].unsqueeze(-1)) & (a > 0)
    assert (chosen.sum(-1) == (a > 0).any(-1)).all()
    return (a * chosen).sum(-1)


WINDOWS = (
    case(x=real(2, 3, 7), kernel=2),
    case(x=real(1, 2, 6, 7), kernel=[2, 3], stride=[1, 2]),
    case(x=real(2, 1, 5, 6), kernel=3, stride=2, pad=1),
    case(x=real(1, 1, 4, 3, 5), kernel=2),
    case(x=real(1, 1, 1), kernel=1),
    case(x=real(0, 2, 4), kernel=2),
)
NONZERO = (
    case(x=real(2, 3, 7, away=(0,)), kernel=2),
    case(x=real(1, 2, 6, 7, away=(0,)), kernel=[2, 3], stride=[1, 2]),
    case(x=real(1, 1, 4, 3, 5, away=(0,)), kernel=2),
)
ALL = (case(x=real(2, 3, 7)), case(x=real(1, 2, 3, 4)), case(x=real(1, 1, 2, 1, 3)), case(x=real(2, 1, 1)))

TABLE = [
    row(
        "max_pool",
        max_pool,
        *WINDOWS,
        case(x=real(1, 2, 9, 8), kernel=2, stride=1, dilation=[3, 2]),
        case(x=real(1, 2, 9), kernel=3, stride=2, pad=1, dilation=2)
    ),
    row(
        "avg_pool",
        avg_pool,
        *WINDOWS,
        case(x=real(2, 1, 5, 6), kernel=3, stride=2, pad=1, inside=True),
        case(x=real(2, 1, 5), kernel=2, pad=1, inside=True)
    ),
    row(
        "lp_pool",
        lp_pool,
        *NONZERO,
        case(x=real(1, 2, 5, 4, away=(0,)), kernel=3, stride=2, pad=1, p=3.0),
        case(x=real(1, 2, 5, away=(0,)), kernel=2, p=1.5)
    ),
    row(
        "adaptive_avg_pool",
        lambda x, size: ADAPTIVE_AVG[x.dim() - 2](x, size),
        case(x=real(2, 3, 7), size=3),
        case(x=real(1, 2, 6, 5), size=[2, 4]),
        case(x=real(1, 1, 3, 4, 5), size=[3, 1, 2]),
        case(x=real(1, 2, 3), size=5),
    ),
    row(
        "adaptive_max_pool",
        lambda x, size: ADAPTIVE_MAX[x.dim() - 2](x, size),
        case(x=real(2, 3, 7), size=3),
        case(x=real(1, 2, 6, 5), size=[2, 4]),
        case(x=real(1, 1, 3, 4, 5), size=[3, 1, 2]),
    ),
    row("global_avg_pool", lambda x: x.flatten(2).mean(-1), *ALL),
    row("global_max_pool", lambda x: x.flatten(2).amax(-1), *ALL),
    row(
        "global_lp_pool",
        lambda x, p=2.0: (x.flatten(2).abs() ** p).sum(-1) ** (1 / p),
        case(x=real(2, 3, 7, away=(0,))),
        case(x=real(1, 2, 3, 4, away=(0,)), p=3.0),
    ),
    row(
        "channel_max_pool",
        lambda x, pieces: x.unflatten(1, (-1, pieces)).amax(2),
        case(x=real(2, 6, 4), pieces=3),
        case(x=real(1, 4, 3, 2), pieces=2),
        case(x=real(2, 3, 1), pieces=1),
    ),
    row("max_positions", max_positions, *WINDOWS, order=0),
    row(
        "max_unpool",
        max_unpool,
        case(x=real(1, 2, 3), positions=integer(1, 2, 3, values=[1, 2, 4, 0, 3, 5]), size=[6], kernel=2),
        case(x=real(1, 1, 2, 2), positions=integer(1, 1, 2, 2, values=[6, 8, 10, 18]), size=[4, 5], kernel=2),
        case(x=real(1, 1, 3), positions=integer(1, 1, 3, values=[1, 3, 3]), size=[5], kernel=3, stride=1),
    ),
    row(
        "upsample",
        upsample,
        case(x=real(2, 3, 4), scale=3),
        case(x=real(1, 2, 3, 2), scale=[2, 1]),
        case(x=real(1, 1, 1, 2, 2), scale=2),
        case(x=real(0, 1, 2), scale=2),
    ),
    row("expected_pool", expected_pool, *NONZERO, case(x=positive(1, 2, 5, 4), kernel=3, stride=2, pad=1)),
    row("sampled_pool", sampled_pool, *NONZERO, case(x=real(1, 2, 5, 4, away=(0,)), kernel=3, stride=2, pad=1), drawn=True),
]
