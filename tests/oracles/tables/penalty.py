"""Penalties on parameters and activations."""

import torch

from cases import case, real, row
from tables import density

WEIGHTS = case(w=real(3, 4, away=(0,)))
kl_bernoulli = next(r.reference for r in density.TABLE if r.function == "kl_bernoulli")


def orthogonality_penalty(w, alpha=1.0):
    m = w.flatten(1)
    return alpha * ((m @ m.T - torch.eye(len(m))) ** 2).sum()


TABLE = [
    row("l2_penalty", lambda w, alpha=1.0: alpha / 2 * (w * w).sum(), WEIGHTS, case(w=real(2, 3, 1, 2), alpha=0.1), case(w=real(0, 3))),
    row("l1_penalty", lambda w, alpha=1.0: alpha * w.abs().sum(), WEIGHTS, case(w=real(5, away=(0,)), alpha=0.1)),
    row(
        "elastic_net_penalty",
        lambda w, alpha=1.0, share=0.5: alpha * (share * w.abs().sum() + (1 - share) / 2 * (w * w).sum()),
        WEIGHTS,
        case(w=real(5, away=(0,)), alpha=0.1, share=0.2),
    ),
    row("orthogonality_penalty", orthogonality_penalty, case(w=real(3, 4)), case(w=real(2, 3, 2, 2), alpha=0.1), case(w=real(1, 1))),
    row(
        "tie_penalty",
        lambda a, b, alpha=1.0: alpha / 2 * ((a - b) ** 2).sum(),
        case(a=real(3, 4), b=real(3, 4)),
        case(a=real(1), b=real(1), alpha=0.1),
    ),
    row(
        "sparsity_penalty",
        lambda h, rho=0.05, alpha=1.0: alpha * kl_bernoulli(torch.tensor(rho, dtype=h.dtype), h.mean(0)).sum(),
        case(h=real(5, 3, lo=0.05, hi=0.95)),
        case(h=real(1, 2, lo=0.05, hi=0.95), rho=0.2, alpha=3.0),
    ),
]
