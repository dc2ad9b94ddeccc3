"""Functions of a vector."""

import torch

from cases import case, real, row

ROWS = (case(x=real(3, 5, lo=-3, hi=3)), case(x=real(2, 3, 1)), case(x=real(7)), case(x=real(2, 0, 4)))


def variance(x, correction=0):
    return ((x - x.mean(-1, keepdim=True)) ** 2).sum(-1) / (x.shape[-1] - correction)


def normalize(x):
    return x / x.norm(dim=-1, keepdim=True)


TABLE = [
    row("logsumexp", lambda x: torch.logsumexp(x, -1), *ROWS, case(x=real(2, 3, lo=800, hi=900))),
    row("softmax", lambda x: torch.softmax(x, -1), *ROWS),
    row("log_softmax", lambda x: torch.log_softmax(x, -1), *ROWS),
    row("variance", variance, *ROWS, case(x=real(2, 5), correction=1)),
    row("norm2", lambda x: x.norm(dim=-1), *ROWS),
    row("normalize", normalize, *ROWS),
]
