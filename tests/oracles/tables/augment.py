"""Augmentation: which change was drawn is found among all there are, for each example."""

import itertools

import torch
from torch.nn import functional as f

from cases import case, real, row


def chosen(x, drawn, changes):
    """For each example the one of its changes that was drawn."""
    picked = []
    for example, seen in zip(x, drawn):
        equal = [y for y in changes(example) if torch.equal(y, seen)]
        assert equal, "no change gives what was drawn"
        picked.append(equal[0])
    return torch.stack(picked)


def moved(x, down, right):
    height, width = x.shape[-2:]
    return f.pad(x, (right, -right, down, -down))[..., :height, :width]


def random_shift(x, by=4, drawn=None):
    steps = range(-by, by + 1)
    return chosen(x, drawn["y"], lambda image: [moved(image, *both) for both in itertools.product(steps, steps)])


def random_flip(x, p=0.5, drawn=None):
    return chosen(x, drawn["y"], lambda example: [example, example.flip(-1)])


IMAGES = real(6, 2, 4, 5, away=(0,))
TABLE = [
    row("random_shift", lambda x: x, case(x=IMAGES)),
    row("random_shift", random_shift, case(x=IMAGES, by=2, train=True), case(x=real(5, 3, 3, away=(0,)), by=1, train=True), drawn=True),
    row("random_flip", lambda x: x, case(x=IMAGES)),
    row("random_flip", random_flip, case(x=IMAGES, train=True), case(x=real(7, 3, away=(0,)), p=0.75, train=True), drawn=True),
]
