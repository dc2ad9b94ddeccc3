"""Layers that disturb what they are given in training: what was drawn is read off the result, and the derivatives follow from it."""

import torch

from cases import case, integer, real, row

LOW = -1.0507009873554805 * 1.6732632423543772


def identity(x, **statics):
    return x


def kept(x, drawn):
    """1 where an element was kept; the inputs are not 0."""
    return (drawn["y"] != 0).double()


def dropout(x, p=0.5, drawn=None):
    return x * kept(x, drawn) / (1 - p)


def of_whole(axes):
    def reference(x, p, drawn):
        keep = kept(x, drawn)
        assert (keep == keep.flatten(axes)[..., :1].reshape(*x.shape[:axes], *[1] * (x.dim() - axes))).all()
        return x * keep / (1 - p)

    return reference


def alpha_dropout(x, p=0.5, drawn=None):
    scale = 1 / ((1 - p) * (1 + p * LOW**2)) ** 0.5
    keep = (torch.abs(drawn["y"] - scale * (LOW - p * LOW)) > 1e-9).double()
    return scale * (x * keep + LOW * (1 - keep) - p * LOW)


def gaussian_noise(x, sd=0.1, drawn=None):
    noise = (drawn["y"] - x).detach()
    assert (noise.abs() < 8 * sd).all() and (noise != 0).all()
    return x + noise


X = case(x=real(3, 4, 2, away=(0,)))


def training(**more):
    return case(x=real(8, 6, 2, away=(0,)), **more, train=True)


TABLE = [
    row("dropout", identity, X, case(x=real(5, away=(0,)), p=0.2)),
    row("dropout", dropout, training(), training(p=0.25), drawn=True),
    row("spatial_dropout", identity, X),
    row("spatial_dropout", of_whole(2), training(p=0.5), drawn=True),
    row("drop_path", identity, X),
    row("drop_path", of_whole(1), training(p=0.5), drawn=True),
    row("alpha_dropout", identity, X),
    row("alpha_dropout", alpha_dropout, training(), training(p=0.25), drawn=True),
    row("gaussian_noise", identity, X),
    row("gaussian_noise", gaussian_noise, training(), training(sd=2.0), drawn=True),
    row("label_noise", lambda label, classes: label, case(label=integer(7, hi=4), classes=4), order=0),
]
