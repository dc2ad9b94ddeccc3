"""Derivatives of a value by what it is computed from: of small functions, by PyTorch's own transforms."""

import torch
from torch import func

from cases import case, real, row


def energy(x):
    return (torch.sin(x[:, :-1] * x[:, 1:]) * torch.exp(x[:, :-1])).sum() + (x**4).sum()


def features(x):
    return torch.tanh(x[:, :-1] * x[:, 1:]) + x[:, 1:] ** 2


def losses(w, x):
    return torch.sin((w * x).sum(-1)) ** 2


ENERGY = """import "std/derivative"
fn main(%s) {
  products[i, j < K - 1] = sin(x[i, j] * x[i, j + 1]) * exp(x[i, j])
  loss = sum(products) + sum(x^4)
  return %s
}
"""

FEATURES = """import "std/derivative"
fn main(x: f[N, K], v: f[N, L]) {
  y[i, j < K - 1] = tanh(x[i, j] * x[i, j + 1]) + x[i, j + 1]^2
  return vjp(y, x, v)
}
"""

LOSSES = """import "std/derivative"
fn main(w: f[K], x: f[B, K]) {
  s[b] = sum[k](w[k] * x[b, k])
  return per_example_gradients(sin(s)^2, w)
}
"""

SIZES = dict(x=real(3, 4), v=real(3, 4))

TABLE = [
    row(
        "vjp",
        lambda x, v: func.vjp(features, x)[1](v)[0],
        case(x=real(3, 4), v=real(3, 3)),
        case(x=real(1, 2), v=real(1, 1)),
        order=1,
        program=FEATURES,
    ),
    row(
        "hvp",
        lambda x, v: func.grad(lambda at: (func.grad(energy)(at) * v).sum())(x),
        case(**SIZES),
        case(x=real(1, 2), v=real(1, 2)),
        order=1,
        program=ENERGY % ("x: f[N, K], v: f[N, K]", "hvp(loss, x, v)"),
    ),
    row(
        "hessian",
        lambda x: func.jacrev(func.jacrev(energy))(x),
        case(x=real(1, 2)),
        case(x=real(2, 3)),
        order=1,
        program=ENERGY % ("x: f[N, K]", "hessian(loss, x)"),
    ),
    row(
        "per_example_gradients",
        lambda w, x: func.jacrev(losses)(w, x),
        case(w=real(3), x=real(5, 3)),
        case(w=real(1), x=real(1, 1)),
        order=1,
        program=LOSSES,
    ),
]
