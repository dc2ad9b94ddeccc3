"""Constraints."""

import torch
from torch.nn import functional as f

from cases import case, positive, real, row

W = case(w=real(3, 4, lo=-2, hi=2, away=(0, -0.5, 0.5)), alpha=0.5)


def prox_l1(w, alpha=1e-4, lr=torch.tensor(1.0)):
    return torch.sign(w) * f.relu(w.abs() - lr * alpha)


def max_norm(w, most=3.0):
    n = w.flatten(1).norm(dim=1).reshape(-1, *[1] * (w.dim() - 1))
    return torch.where(n > most, w * most / n, w)


TABLE = [
    row("prox_l1", prox_l1, W, case(w=real(5, lo=1, hi=2), lr=positive(), alpha=0.25)),
    row(
        "prox_elastic_net",
        lambda w, l1=1e-4, l2=1e-4, lr=torch.tensor(1.0): prox_l1(w, l1, lr) / (1 + lr * l2),
        case(w=real(3, 4, lo=-2, hi=2, away=(0, -0.5, 0.5)), l1=0.5, l2=0.25),
        case(w=real(5, lo=1, hi=2), lr=positive(), l1=0.25, l2=2.0),
    ),
    row("max_norm", max_norm, case(w=real(4, 3), most=1.0), case(w=real(2, 3, 5, lo=-4, hi=4)), case(w=real(2, 1))),
    row("nonnegative", lambda w: f.relu(w), case(w=real(3, 4, away=(0,))), case(w=real(0))),
]
