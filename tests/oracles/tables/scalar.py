"""Functions of one number."""

import torch
from torch.nn import functional as f

from cases import case, real, row


def of(function):
    """A function whose argument the library calls x."""
    return lambda x: function(x)


def hard_sigmoid(x):
    """PyTorch's own has a slope of 1/6 in f32."""
    return torch.clamp((x + 3) / 6, 0, 1)


LINE = case(x=real(3, 5, lo=-4, hi=4, away=(0,)))
ONE, POINT, EMPTY = case(x=real(1)), case(x=real()), case(x=real(0, 3))


def at(kinks, **statics):
    return case(x=real(4, 7, lo=-8, hi=8, away=kinks), **statics)


TABLE = [
    row("relu", of(f.relu), LINE, ONE, POINT, EMPTY),
    row(
        "leaky_relu",
        lambda x, slope=torch.tensor(0.01): torch.where(x > 0, x, slope * x),
        LINE,
        case(x=real(2, 3, away=(0,)), slope=real(3)),
        case(x=real(2, 1, away=(0,)), slope=real(1, 4)),
    ),
    row("elu", lambda x, alpha=1.0: f.elu(x, alpha), LINE, case(x=real(4), alpha=0.5)),
    row("selu", of(f.selu), LINE, ONE),
    row("celu", lambda x, alpha=1.0: f.celu(x, alpha), LINE, case(x=real(4), alpha=1.5)),
    row("softplus", lambda x, beta=1: torch.log1p(torch.exp(beta * x)) / beta, LINE, case(x=real(5), beta=2), ONE, EMPTY),
    row("squareplus", lambda x, b=4: (x + torch.sqrt(x * x + b)) / 2, LINE, case(x=real(5), b=1)),
    row("log_sigmoid", of(f.logsigmoid), LINE, case(x=real(3, lo=30, hi=40))),
    row("logit", lambda p: torch.logit(p), case(p=real(3, 4, lo=0.05, hi=0.95))),
    row("gelu", of(f.gelu), LINE, ONE),
    row("gelu_tanh", lambda x: f.gelu(x, approximate="tanh"), LINE, ONE),
    row("gelu_sigmoid", lambda x: x * torch.sigmoid(1.702 * x), LINE),
    row("silu", of(f.silu), LINE, POINT),
    row("mish", of(f.mish), LINE),
    row("softsign", of(f.softsign), LINE),
    row("clamp", lambda x, lo, hi: torch.clamp(x, lo, hi), at((-1.5, 2.5), lo=-1.5, hi=2.5)),
    row("hard_tanh", of(f.hardtanh), at((-1, 1))),
    row("hard_sigmoid", hard_sigmoid, at((-3, 3))),
    row("hard_swish", lambda x: x * hard_sigmoid(x), at((-3, 3))),
    row("relu6", of(f.relu6), at((0, 6))),
    row(
        "soft_shrink",
        lambda x, **s: f.softshrink(x, s.get("lambda", 0.5)),
        at((-0.5, 0.5)),
        case({"x": real(9, lo=-4, hi=4, away=(-2, 2)), "lambda": 2.0}),
    ),
    row(
        "hard_shrink",
        lambda x, **s: f.hardshrink(x, s.get("lambda", 0.5)),
        at((-0.5, 0.5)),
        case({"x": real(9, lo=-4, hi=4, away=(-2, 2)), "lambda": 2.0}),
    ),
    row("tanh_shrink", of(f.tanhshrink), LINE),
    row("threshold", lambda x, threshold, value: f.threshold(x, threshold, value), at((0.5,), threshold=0.5, value=-3.0)),
]
