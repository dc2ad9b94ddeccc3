"""Layers that commute with quarter turns and reflections."""

from cases import case, real, row
from tables import symmetry


def layer(function):
    def reference(x, weight, bias, channels=None, kernel=None, group=None, padding="same", **settings):
        group = group or ("p4m" if x.dim() == 5 and x.shape[2] == 8 else "p4")
        return function(x, weight, bias, group=group, padding=padding, **settings)

    return reference


TABLE = [
    row(
        "lifting_conv2d",
        layer(symmetry.lifting_conv),
        case(x=real(2, 2, 4, 5), weight=real(3, 2, 3, 3), bias=real(3), channels=3),
        case(x=real(1, 1, 5, 5), weight=real(2, 1, 5, 5), bias=real(2), channels=2, kernel=5, group="p4m", stride=2),
    ),
    row(
        "group_conv2d",
        layer(symmetry.group_conv),
        case(x=real(1, 2, 4, 3, 4), weight=real(2, 2, 4, 3, 3), bias=real(2), channels=2),
        case(x=real(1, 1, 8, 3, 3), weight=real(2, 1, 8, 2, 2), bias=real(2), channels=2, kernel=2, padding="valid"),
    ),
]
