"""Convolutional layers: those of std/conv with parameters of their own and "same" for their padding."""

from cases import case, real, row
from tables import _convolution as c


def layer(function):
    """`function` of the layer's parameters; what the layer's statics say beyond its settings is in the shapes of its parameters."""

    def reference(x, weight, bias, padding="same", channels=None, kernel=None, multiplier=None, tiles=None, **settings):
        if function is not c.conv_transpose:
            settings.pop("groups", None)
        return function(x, weight, bias, padding=padding, **settings)

    return reference


def separable(x, depthwise, pointwise, bias, padding="same", channels=None, kernel=None, multiplier=None, **settings):
    return c.separable_conv(x, depthwise, pointwise, bias, padding=padding, **settings)


def given(x, weight, **statics):
    """Sizes of the input and of the weight; the bias has one number a channel."""
    return case(x=real(*x), weight=real(*weight), bias=real(statics["channels"]), **statics)


TABLE = [
    row(
        "conv1d",
        layer(c.conv),
        given((2, 3, 7), (4, 3, 3), channels=4),
        given((2, 4, 8), (6, 2, 4), channels=6, kernel=4, groups=2, stride=2),
        given((1, 1, 6), (2, 1, 3), channels=2, dilation=2, padding="valid"),
    ),
    row(
        "conv2d",
        layer(c.conv),
        given((2, 3, 5, 4), (2, 3, 3, 3), channels=2),
        given((1, 4, 6, 7), (4, 1, 2, 3), channels=4, kernel=[2, 3], groups=4, stride=[2, 1]),
        given((1, 2, 4, 5), (3, 2, 3, 1), channels=3, kernel=[3, 1], padding="full"),
        given((1, 2, 7, 7), (1, 2, 3, 3), channels=1, pad=[0, 2], after=[1, 0], dilation=[2, 1]),
    ),
    row(
        "conv3d",
        layer(c.conv),
        given((1, 2, 3, 2, 4), (2, 2, 3, 3, 3), channels=2),
        given((1, 2, 3, 4, 3), (2, 1, 1, 2, 3), channels=2, kernel=[1, 2, 3], groups=2, stride=2),
    ),
    row(
        "conv_transpose1d",
        layer(c.conv_transpose),
        given((2, 3, 5), (3, 2, 3), channels=2),
        given((1, 4, 4), (4, 3, 4), channels=6, kernel=4, stride=3, groups=2),
        given((1, 1, 3), (1, 1, 3), channels=1, stride=2, padding="valid", extra=1, dilation=2),
    ),
    row(
        "conv_transpose2d",
        layer(c.conv_transpose),
        given((1, 2, 3, 4), (2, 3, 3, 3), channels=3, stride=2),
        given((2, 2, 3, 2), (2, 1, 2, 3), channels=2, kernel=[2, 3], groups=2, stride=[2, 1], pad=1),
    ),
    row(
        "conv_transpose3d",
        layer(c.conv_transpose),
        given((1, 2, 2, 3, 2), (2, 1, 3, 3, 3), channels=1),
        given((1, 2, 2, 1, 2), (2, 1, 2, 2, 2), channels=2, kernel=2, stride=2, groups=2),
    ),
    row(
        "depthwise_conv1d",
        layer(c.conv),
        case(x=real(2, 3, 6), weight=real(3, 1, 3), bias=real(3)),
        case(x=real(1, 2, 7), weight=real(4, 1, 2), bias=real(4), kernel=2, multiplier=2, stride=2),
    ),
    row(
        "depthwise_conv2d",
        layer(c.conv),
        case(x=real(2, 3, 4, 5), weight=real(3, 1, 3, 3), bias=real(3)),
        case(x=real(1, 2, 6, 5), weight=real(4, 1, 2, 3), bias=real(4), kernel=[2, 3], multiplier=2, dilation=[2, 1], padding="valid"),
    ),
    row(
        "separable_conv1d",
        separable,
        case(x=real(2, 3, 6), depthwise=real(3, 1, 3), pointwise=real(4, 3), bias=real(4), channels=4),
        case(x=real(1, 2, 7), depthwise=real(4, 1, 2), pointwise=real(1, 4), bias=real(1), channels=1, kernel=2, multiplier=2, stride=2),
    ),
    row(
        "separable_conv2d",
        separable,
        case(x=real(1, 3, 4, 5), depthwise=real(3, 1, 3, 3), pointwise=real(2, 3), bias=real(2), channels=2),
        case(
            x=real(1, 2, 5, 5),
            depthwise=real(4, 1, 3, 2),
            pointwise=real(3, 4),
            bias=real(3),
            channels=3,
            kernel=[3, 2],
            multiplier=2,
            stride=2,
        ),
    ),
    row(
        "tiled_conv1d",
        layer(c.tiled_conv),
        case(x=real(2, 2, 7), weight=real(3, 2, 6), bias=real(3, 2), channels=3, tiles=2),
        case(x=real(1, 1, 8), weight=real(2, 1, 6), bias=real(2, 3), channels=2, tiles=3, kernel=2, stride=2, padding="valid"),
    ),
    row(
        "tiled_conv2d",
        layer(c.tiled_conv),
        case(x=real(1, 2, 5, 4), weight=real(2, 2, 6, 6), bias=real(2, 2, 2), channels=2, tiles=2),
        case(x=real(1, 1, 5, 6), weight=real(2, 1, 2, 6), bias=real(2, 1, 3), channels=2, tiles=[1, 3], kernel=2),
    ),
    row(
        "locally_connected1d",
        layer(c.tiled_conv),
        case(x=real(2, 2, 5), weight=real(3, 2, 15), bias=real(3, 5), channels=3),
        case(x=real(1, 2, 6), weight=real(2, 2, 6), bias=real(2, 3), channels=2, kernel=2, stride=2, padding="valid"),
    ),
    row(
        "locally_connected2d",
        layer(c.tiled_conv),
        case(x=real(2, 2, 4, 5), weight=real(2, 2, 6, 9), bias=real(2, 2, 3), channels=2, padding="valid"),
        case(x=real(1, 1, 3, 2), weight=real(1, 1, 9, 4), bias=real(1, 3, 2), channels=1, kernel=[3, 2]),
    ),
]
