"""Settings that are one number or a list, one for each axis; windows."""

import itertools

import torch
from torch.nn import functional as f


def listed(value, axes):
    return list(value) if isinstance(value, (list, tuple)) else [value] * axes


def both_sides(before, after, axes):
    """The amounts as `f.pad` takes them, last axis first."""
    return [n for pair in reversed(list(zip(listed(before, axes), listed(after, axes)))) for n in pair]


def windows(x, kernel, stride=None, pad=0, value=0.0):
    """x: [N, C, ..X] -> [N, C, ..positions, product of kernel]."""
    axes = x.dim() - 2
    kernel = listed(kernel, axes)
    x = f.pad(x, both_sides(pad, pad, axes), value=value)
    for axis, (size, step) in enumerate(zip(kernel, listed(kernel if stride is None else stride, axes))):
        x = x.unfold(2 + axis, size, step)
    return x.flatten(2 + axes)


def positions(sizes):
    return itertools.product(*(range(n) for n in sizes))


def by_position(sizes, value):
    """[N, C, ..sizes] of `value(i)`, [N, C] at each position."""
    return torch.stack([value(i) for i in positions(sizes)], -1).unflatten(-1, sizes)
