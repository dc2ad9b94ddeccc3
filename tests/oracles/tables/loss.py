"""Losses."""

import math

import torch
from torch.nn import functional as f

from cases import bits, case, fixed, integer, positive, real, row

SCORES = case(z=real(4, 3, lo=-3, hi=3), label=integer(4, hi=3))
DEEP = case(z=real(2, 3, 5), label=integer(2, 3, hi=5))
ONE_CLASS = case(z=real(3, 1), label=integer(3, hi=1))
EMPTY = case(z=real(0, 3), label=integer(0, hi=3))


def softmax_cross_entropy(z, label, weight=None, smoothing=0.0, others=False, ignore=False):
    classes = z.shape[-1]
    weight = torch.ones(classes, dtype=z.dtype) if weight is None else weight
    known = (0 <= label) & (label < classes)
    target = f.one_hot(torch.where(known, label, 0), classes).to(z.dtype)
    if smoothing > 0:
        rest = smoothing / (classes - 1) if others else smoothing / classes
        target = torch.where(target > 0, 1 - smoothing if others else 1 - smoothing + rest, rest)
    y = -(target * torch.log_softmax(z, -1) * weight).sum(-1)
    return torch.where(known, y, 0) if ignore else y


def focal(z, label, gamma=2.0, weight=None):
    p = torch.softmax(z, -1).gather(-1, label.unsqueeze(-1)).squeeze(-1)
    return -((1 - p) ** gamma) * torch.log(p) * (1 if weight is None else weight[label])


def binary_focal(z, y, gamma=2.0, alpha=0.25):
    p = torch.sigmoid(z)
    right = p * y + (1 - p) * (1 - y)
    return (alpha * y + (1 - alpha) * (1 - y)) * (1 - right) ** gamma * f.binary_cross_entropy_with_logits(z, y, reduction="none")


def multiclass_hinge(z, label, margin=1.0):
    return f.multi_margin_loss(z, label, margin=margin, reduction="none")


def huber(prediction, target, delta=1.0):
    d = (prediction - target).abs()
    return torch.where(d <= delta, d * d / 2, delta * (d - delta / 2))


def distance(a, b):
    return (a - b).norm(dim=-1)


def contrastive(a, b, same, margin=1.0):
    d = distance(a, b)
    return (same * d**2 + (1 - same) * f.relu(margin - d) ** 2) / 2


def cosine_embedding(a, b, y, margin=0.0):
    return f.cosine_embedding_loss(a, b, y, margin=margin, reduction="none")


def info_nce(a, b, temperature=0.1):
    s = f.normalize(a, dim=-1) @ f.normalize(b, dim=-1).T / temperature
    return f.cross_entropy(s, torch.arange(len(a)), reduction="none")


def nt_xent(a, b, temperature=0.5):
    v = f.normalize(torch.cat([a, b]), dim=-1)
    s = (v @ v.T / temperature).masked_fill(torch.eye(len(v), dtype=torch.bool), -math.inf)
    return f.cross_entropy(s, torch.cat([torch.arange(len(a)) + len(a), torch.arange(len(a))]), reduction="none")


def dice(p, y, smooth=1.0):
    return 1 - (2 * (p * y).flatten(1).sum(1) + smooth) / (p.flatten(1).sum(1) + y.flatten(1).sum(1) + smooth)


def ctc(z, label, frames, symbols, blank=0):
    return f.ctc_loss(torch.log_softmax(z, -1), label, frames, symbols, blank=blank, reduction="none")


def elementwise(**more):
    """Pairs whose difference is near no kink."""
    gap = dict(prediction=real(3, 4, lo=1.1, hi=1.9), target=real(3, 4, lo=0, hi=0.9))
    return (
        case(**gap, **more),
        case(prediction=real(5, lo=-3, hi=-2.1), target=real(1), **more),
        case(prediction=real(2, 1, lo=1.1, hi=1.4), target=real(1, 3, lo=0.8, hi=1), **more),
    )


SIGNS = fixed(6, values=[1, -1, 1, -1, -1, 1])

TABLE = [
    row(
        "softmax_cross_entropy",
        softmax_cross_entropy,
        SCORES,
        DEEP,
        ONE_CLASS,
        EMPTY,
        case(z=real(4, 3), label=integer(4, hi=3), weight=positive(3)),
        case(z=real(4, 3), label=integer(4, hi=3), smoothing=0.1),
        case(z=real(5, 4), label=integer(5, hi=4), weight=positive(4), smoothing=0.2, others=True),
        case(z=real(4, 3), label=integer(4, values=[1, -100, 2, -1]), ignore=True, smoothing=0.1),
    ),
    row(
        "soft_cross_entropy",
        lambda z, target, weight=1.0: -(target * torch.log_softmax(z, -1) * weight).sum(-1),
        case(z=real(4, 3), target=positive(4, 3)),
        case(z=real(2, 3, 5), target=positive(2, 3, 5), weight=positive(5)),
        case(z=real(2, 1), target=positive(2, 1)),
    ),
    row("focal", focal, SCORES, DEEP, EMPTY, case(z=real(4, 3), label=integer(4, hi=3), gamma=1.5, weight=positive(3))),
    row("binary_focal", binary_focal, case(z=real(6, lo=-3, hi=3), y=bits(6)), case(z=real(2, 3), y=bits(2, 3), gamma=1.5, alpha=0.4)),
    row(
        "binary_cross_entropy",
        lambda z, y: torch.log1p(torch.exp(z)) - y * z,
        case(z=real(6, lo=-3, hi=3), y=real(6, lo=0, hi=1)),
        case(z=real(2, 1), y=bits(2, 3)),
        case(z=real(0), y=real(0)),
    ),
    row(
        "hinge",
        lambda z, y: f.relu(1 - y * z),
        case(z=real(6, lo=-3, hi=3, away=(-1, 1)), y=SIGNS),
        case(z=real(2, 3, lo=-0.9, hi=0.9), y=real(2, 3, lo=-0.9, hi=0.9)),
    ),
    row(
        "squared_hinge",
        lambda z, y: f.relu(1 - y * z) ** 2,
        case(z=real(6, lo=-3, hi=3, away=(-1, 1)), y=SIGNS),
        case(z=real(2, 3, lo=-0.9, hi=0.9), y=real(2, 3, lo=-0.9, hi=0.9)),
    ),
    row("multiclass_hinge", multiclass_hinge, SCORES, case(z=real(4, 5), label=integer(4, hi=5), margin=0.5), ONE_CLASS, order=1),
    row("squared_error", lambda prediction, target: (prediction - target) ** 2, *elementwise()),
    row("absolute_error", lambda prediction, target: (prediction - target).abs(), *elementwise()),
    row("huber", huber, *elementwise(), *elementwise(delta=2.5)),
    row("smooth_l1", lambda prediction, target, beta=1.0: huber(prediction, target, beta) / beta, *elementwise(), *elementwise(beta=2.5)),
    row("log_cosh", lambda prediction, target: torch.log(torch.cosh(prediction - target)), *elementwise()),
    row(
        "quantile_loss",
        lambda prediction, target, q: torch.maximum(q * (target - prediction), (q - 1) * (target - prediction)),
        *elementwise(q=0.3)
    ),
    row(
        "mse",
        lambda prediction, target: f.mse_loss(prediction, target),
        case(prediction=real(3, 4), target=real(3, 4)),
        case(prediction=real(1), target=real(1)),
    ),
    row(
        "mae",
        lambda prediction, target: f.l1_loss(prediction, target),
        case(prediction=real(3, 4, lo=1, hi=2), target=real(3, 4, lo=0, hi=0.9)),
        case(prediction=real(1), target=real(1)),
    ),
    row(
        "poisson_nll",
        lambda z, y: f.poisson_nll_loss(z, y, log_input=True, reduction="none"),
        case(z=real(5), y=positive(5)),
        case(z=real(2, 1), y=positive(2, 3)),
    ),
    row(
        "gaussian_nll",
        lambda prediction, target, variance: (torch.log(variance) + (prediction - target) ** 2 / variance) / 2,
        case(prediction=real(2, 3), target=real(2, 3), variance=positive(2, 3)),
        case(prediction=real(4), target=real(4), variance=positive()),
    ),
    row(
        "triplet",
        lambda anchor, positive, negative, margin=1.0: f.relu(distance(anchor, positive) - distance(anchor, negative) + margin),
        case(anchor=real(3, 4), positive=real(3, 4), negative=real(3, 4), margin=3.0),
        case(anchor=real(2, 3, 2), positive=real(2, 3, 2), negative=real(2, 3, 2, lo=8, hi=9)),
    ),
    row(
        "contrastive",
        contrastive,
        case(a=real(6, 3), b=real(6, 3), same=bits(6), margin=1.7),
        case(a=real(2, 2), b=real(2, 2), same=real(2, lo=0, hi=1), margin=9.0),
    ),
    row(
        "cosine_embedding",
        cosine_embedding,
        case(a=real(6, 3), b=real(6, 3), y=SIGNS),
        case(a=real(6, 3), b=real(6, 3), y=SIGNS, margin=0.25),
    ),
    row(
        "info_nce",
        info_nce,
        case(a=real(4, 3), b=real(4, 3)),
        case(a=real(1, 2), b=real(1, 2), temperature=0.5),
        case(a=real(3, 1), b=real(3, 1)),
    ),
    row("nt_xent", nt_xent, case(a=real(4, 3), b=real(4, 3)), case(a=real(1, 2), b=real(1, 2), temperature=0.2)),
    row(
        "dice",
        dice,
        case(p=real(3, 4, lo=0, hi=1), y=bits(3, 4)),
        case(p=real(2, 1, 3, 4, lo=0, hi=1), y=real(2, 1, 3, 4, lo=0, hi=1), smooth=0.5),
    ),
    row(
        "ctc",
        ctc,
        case(
            z=real(6, 3, 4, lo=-2, hi=2),
            label=integer(3, 2, values=[1, 2, 3, 3, 2, 1]),
            frames=integer(3, values=[6, 5, 4]),
            symbols=integer(3, values=[2, 2, 1]),
        ),
        case(z=real(4, 1, 3), label=integer(1, 1, values=[0]), frames=integer(1, values=[4]), symbols=integer(1, values=[1]), blank=2),
        order=1,
    ),
]
