"""Convolution in any number of dimensions."""

from cases import case, real, row
from tables._convolution import conv, conv_transpose, separable_conv, tiled_conv

EXEMPT = {"conv_size": "a number of statics; every row of `conv` depends on it"}

TABLE = [
    row(
        "conv",
        conv,
        case(x=real(2, 3, 9), w=real(4, 3, 3), b=real(4)),
        case(x=real(2, 4, 7, 6), w=real(6, 2, 3, 3), b=real(6), stride=2, pad=1),
        case(x=real(1, 2, 6, 5), w=real(2, 2, 3, 2), b=real(2), padding="same", stride=[1, 2]),
        case(x=real(1, 2, 5, 4), w=real(3, 2, 2, 3), padding="full"),
        case(x=real(2, 3, 8, 9), w=real(6, 1, 3, 2), dilation=[2, 3], pad=[2, 0], after=[1, 2]),
        case(x=real(1, 2, 3, 4, 5), w=real(2, 2, 2, 3, 2), b=real(2), flip=True),
        case(x=real(1, 1, 1), w=real(1, 1, 1)),
        case(x=real(2, 3, 4), w=real(2, 3, 4), b=real(2)),
        case(x=real(0, 2, 5), w=real(3, 2, 3), b=real(3)),
        case(x=real(1, 1, 11, 11), w=real(1, 1, 3, 3), stride=4, dilation=2),
    ),
    row(
        "conv_transpose",
        conv_transpose,
        case(x=real(2, 3, 5), w=real(3, 4, 3), b=real(4)),
        case(x=real(2, 4, 4, 3), w=real(4, 3, 3, 3), b=real(6), groups=2, stride=2, pad=1, extra=1),
        case(x=real(1, 2, 4, 5), w=real(2, 2, 3, 3), b=real(2), stride=[2, 3], padding="same"),
        case(x=real(1, 2, 5, 4), w=real(2, 1, 3, 2), dilation=2, padding="full"),
        case(x=real(1, 2, 2, 3, 2), w=real(2, 2, 2, 2, 3), b=real(2), stride=2),
        case(x=real(1, 1, 1), w=real(1, 1, 4), stride=3),
        case(x=real(0, 2, 3), w=real(2, 2, 3)),
    ),
    row(
        "separable_conv",
        separable_conv,
        case(x=real(2, 3, 7), depthwise=real(6, 1, 3), pointwise=real(4, 6), b=real(4), padding="same"),
        case(x=real(1, 2, 7, 6), depthwise=real(2, 1, 3, 2), pointwise=real(3, 2), b=real(3), stride=2, dilation=[1, 2]),
        case(x=real(1, 1, 4), depthwise=real(1, 1, 1), pointwise=real(1, 1)),
    ),
    row(
        "tiled_conv",
        tiled_conv,
        case(x=real(2, 3, 9), w=real(4, 3, 6), b=real(4, 2)),
        case(x=real(1, 2, 7, 6), w=real(2, 2, 6, 4), b=real(2, 2, 2), padding="same", stride=[2, 1]),
        case(x=real(1, 2, 8), w=real(3, 2, 9), b=real(3, 3), dilation=2, padding="full"),
        case(x=real(2, 1, 5), w=real(2, 1, 3), b=real(2, 1)),
    ),
    row(
        "locally_connected",
        tiled_conv,
        case(x=real(2, 3, 6), w=real(2, 3, 12), b=real(2, 4)),
        case(x=real(1, 2, 5, 4), w=real(2, 2, 9, 6), b=real(2, 3, 2), stride=[2, 3], pad=[1, 1]),
        case(x=real(1, 1, 3), w=real(1, 1, 3), b=real(1, 1)),
    ),
]
