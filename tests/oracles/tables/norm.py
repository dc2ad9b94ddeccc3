"""Normalisation of activations and of weights."""

import torch
from torch.nn import functional as f

from cases import case, positive, real, row


def by_channel(x, c):
    return torch.as_tensor(c, dtype=x.dtype).reshape(1, -1, *[1] * (x.dim() - 2)) if torch.as_tensor(c).dim() else c


def channel_moments(x):
    over = [0, *range(2, x.dim())]
    return x.mean(over), x.var(over, correction=0)


def standardize(x, m, v, gain=1.0, shift=0.0, eps=1e-5):
    return (x - by_channel(x, m)) / torch.sqrt(by_channel(x, v) + eps) * by_channel(x, gain) + by_channel(x, shift)


def normalize_layer(x, gain=None, shift=None, eps=1e-5):
    return f.layer_norm(x, x.shape[-1:], gain, shift, eps)


def rms(x, gain=None, eps=1e-5):
    return f.rms_norm(x, x.shape[-1:], gain, eps)


def normalize_groups(x, gain=None, shift=None, groups=1, eps=1e-5):
    return f.group_norm(x, groups, gain, shift, eps)


def normalize_local_response(x, size=5, alpha=1e-4, beta=0.75, k=2.0):
    """The sum itself, where PyTorch takes a mean."""
    square = f.pad((x * x).transpose(1, -1), (size // 2, size - 1 - size // 2)).unfold(-1, size, 1).sum(-1).transpose(1, -1)
    return x / (k + alpha * square) ** beta


def normalize_weight(direction, gain):
    size = lambda v: v.reshape(-1, *[1] * (direction.dim() - 1))
    return direction * size(gain / direction.flatten(1).norm(dim=1))


def power_iteration(w, u):
    m = w.flatten(1)
    right = f.normalize(m.T @ u, dim=0).detach()
    left = f.normalize(m @ right, dim=0).detach()
    return left, left @ m @ right


TABLE = [
    row("channel_moments", channel_moments, case(x=real(4, 3)), case(x=real(2, 3, 5)), case(x=real(3, 1, 2, 4))),
    row(
        "standardize",
        standardize,
        case(x=real(4, 3), m=real(3), v=positive(3), gain=real(3), shift=real(3)),
        case(x=real(2, 3, 2, 2), m=real(3), v=positive(3), eps=0.1),
    ),
    row(
        "normalize_layer",
        normalize_layer,
        case(x=real(4, 5), gain=real(5), shift=real(5)),
        case(x=real(2, 3, 7)),
        case(x=real(2, 1), gain=real(1), shift=real(1), eps=0.5),
        case(x=real(0, 3)),
    ),
    row("normalize_rms", rms, case(x=real(4, 5), gain=real(5)), case(x=real(2, 3, 7)), case(x=real(2, 1), gain=real(1))),
    row(
        "normalize_groups",
        normalize_groups,
        case(x=real(2, 6, 3), gain=real(6), shift=real(6), groups=2),
        case(x=real(2, 4, 3, 2), groups=4),
        case(x=real(1, 3, 5), groups=1, eps=0.1),
    ),
    row(
        "normalize_local_response",
        normalize_local_response,
        case(x=real(2, 7, 3), alpha=0.5),
        case(x=real(1, 4, 2, 3), size=4, alpha=1.0, beta=0.5, k=1.0),
        case(x=real(2, 1, 2), size=1, alpha=1.0),
    ),
    row(
        "normalize_weight",
        normalize_weight,
        case(direction=real(4, 5), gain=real(4)),
        case(direction=real(3, 2, 3, 3), gain=real(3)),
        case(direction=real(1, 1), gain=real(1)),
    ),
    row("power_iteration", power_iteration, case(w=real(4, 5), u=real(4)), case(w=real(3, 2, 3), u=real(3)), case(w=real(1, 1), u=real(1))),
]
