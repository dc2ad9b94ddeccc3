"""Layers of units that see all inputs; tables."""

from torch.nn import functional as f

from cases import Code, case, integer, real, row


def mlp(x, units, activation="relu", **p):
    for i in range(len(units)):
        x = f.linear(x, p[f"{i}.weight"], p[f"{i}.bias"])
        if i < len(units) - 1:
            x = getattr(f, activation)(x)
    return x


def layers(*sizes):
    """Weights and biases of the layers between the sizes."""
    return {
        f"{i}.{name}": real(*shape)
        for i, (k, u) in enumerate(zip(sizes, sizes[1:]))
        for name, shape in (("weight", (u, k)), ("bias", (u,)))
    }


TABLE = [
    row(
        "dense",
        lambda x, weight, bias, units: f.linear(x, weight, bias),
        case(x=real(4, 3), weight=real(5, 3), bias=real(5), units=5),
        case(x=real(2, 3, 1), weight=real(1, 1), bias=real(1), units=1),
        case(x=real(0, 3), weight=real(2, 3), bias=real(2), units=2),
    ),
    row(
        "mlp",
        mlp,
        case(layers(3, 4, 2), x=real(5, 3), units=[4, 2]),
        case(layers(2, 3, 3, 1), x=real(2, 2, 2), units=[3, 3, 1], activation=Code("tanh")),
        case(layers(2, 1), x=real(1, 2), units=[1]),
    ),
    row(
        "embedding",
        lambda x, weight, entries, units: f.embedding(x, weight),
        case(x=integer(7, hi=4), weight=real(4, 3), entries=4, units=3),
        case(x=integer(2, 3, hi=1), weight=real(1, 1), entries=1, units=1),
        case(x=integer(0, hi=2), weight=real(2, 3), entries=2, units=3),
    ),
]
