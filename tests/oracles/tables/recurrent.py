"""Recurrent networks: the library's cells as PyTorch's functions of matrices, step by step."""

import torch
from torch.nn import functional as f

from cases import Code, case, integer, real, row


def affine(x, w, h, u, b):
    return f.linear(x, w, b) + f.linear(h, u)


def rnn_cell(x, h, w, u, b, activation="tanh", leak=0.0):
    return leak * h + (1 - leak) * getattr(torch, activation)(affine(x, w, h, u, b))


def lstm_cell(x, h, c, w, u, b, p=None, activation="tanh", forget_bias=0.0):
    i, forget, z, o = (affine(x, *gate[:1], h, *gate[1:]) for gate in zip(w, u, b))
    peep = (0, 0, 0) if p is None else p
    c_next = torch.sigmoid(forget + forget_bias + peep[1] * c) * c + torch.sigmoid(i + peep[0] * c) * getattr(torch, activation)(z)
    return torch.sigmoid(o + peep[2] * c_next) * torch.tanh(c_next), c_next


def gru_cell(x, h, w, u, b, candidate_bias=0.0, activation="tanh", reset_before=False):
    reset, update = (torch.sigmoid(affine(x, w[g], h, u[g], b[g])) for g in range(2))
    inner = f.linear(reset * h, u[2]) if reset_before else reset * (f.linear(h, u[2]) + candidate_bias)
    return update * h + (1 - update) * getattr(torch, activation)(f.linear(x, w[2], b[2]) + inner)


def scanned(cell, xs, lengths, *carry):
    """The carries after every step; an example beyond its length keeps them."""
    steps = []
    for t, x in enumerate(xs):
        on = torch.full((xs.shape[1], 1), True) if lengths is None else (t < lengths)[:, None]
        carry = [torch.where(on, new, old) for new, old in zip(cell(x, *carry), carry)]
        steps.append(carry)
    return tuple(torch.stack(each) for each in zip(*steps))


def begin(xs, u, h0):
    return torch.zeros(xs.shape[1], u.shape[-1]) if h0 is None else h0


def scan_rnn(xs, w, u, b, h0=None, activation="tanh", leak=0.0, lengths=None):
    return scanned(lambda x, h: (rnn_cell(x, h, w, u, b, activation, leak),), xs, lengths, begin(xs, u, h0))[0]


def scan_lstm(xs, w, u, b, p=None, h0=None, c0=None, activation="tanh", forget_bias=0.0, lengths=None):
    return scanned(lambda x, h, c: lstm_cell(x, h, c, w, u, b, p, activation, forget_bias), xs, lengths, begin(xs, u, h0), begin(xs, u, c0))


def scan_gru(xs, w, u, b, candidate_bias=0.0, h0=None, activation="tanh", reset_before=False, lengths=None):
    return scanned(lambda x, h: (gru_cell(x, h, w, u, b, candidate_bias, activation, reset_before),), xs, lengths, begin(xs, u, h0))[0]


def reverse(xs, lengths=None):
    if lengths is None:
        return xs.flip(0)
    return torch.stack([torch.cat([xs[:n, i].flip(0), xs[n:, i]]) for i, n in enumerate(lengths)], 1)


def delay(xs, first=0.0):
    return torch.cat([torch.as_tensor(first, dtype=xs.dtype).expand(1, *xs.shape[1:]), xs[:-1]])


def weights(gates, k, units):
    axes = (gates,) if gates else ()
    return dict(w=real(*axes, units, k), u=real(*axes, units, units), b=real(*axes, units))


def step(gates, n, k, units, **more):
    return case(x=real(n, k), h=real(n, units), **weights(gates, k, units), **more)


def sequence(gates, steps, n, k, units, **more):
    return case(xs=real(steps, n, k), **weights(gates, k, units), **more)


SIGMOID = Code("sigmoid")
TABLE = [
    row(
        "affine",
        affine,
        case(x=real(2, 3), w=real(4, 3), h=real(2, 5), u=real(4, 5), b=real(4)),
        case(x=real(1, 1), w=real(1, 1), h=real(1, 1), u=real(1, 1), b=real(1)),
    ),
    row(
        "sequence_mask",
        lambda lengths, steps: torch.arange(steps)[:, None] < lengths,
        case(lengths=integer(4, hi=6), steps=5),
        case(lengths=integer(1, hi=1), steps=1),
        order=0,
    ),
    row("reverse", reverse, case(xs=real(4, 2, 3)), case(xs=real(5, 3), lengths=integer(3, values=[0, 3, 5])), case(xs=real(1, 1))),
    row("delay", delay, case(xs=real(4, 2, 3), first=real(2, 3)), case(xs=real(3)), case(xs=real(1, 2), first=real(2))),
    row("rnn_cell", rnn_cell, step(0, 2, 3, 4), step(0, 1, 1, 1, activation=SIGMOID), step(0, 2, 2, 3, leak=real(3, lo=0, hi=1))),
    row(
        "lstm_cell",
        lstm_cell,
        step(4, 2, 3, 2, c=real(2, 2)),
        step(4, 1, 1, 1, c=real(1, 1), activation=SIGMOID),
        step(4, 2, 2, 3, c=real(2, 3), p=real(3, 3), forget_bias=1.0),
    ),
    row(
        "gru_cell",
        gru_cell,
        step(3, 2, 3, 2, candidate_bias=real(2)),
        step(3, 1, 1, 1, reset_before=True, activation=SIGMOID),
        step(3, 2, 3, 2, reset_before=True),
    ),
    row(
        "scan_rnn",
        scan_rnn,
        sequence(0, 4, 2, 3, 2, h0=real(2, 2)),
        sequence(0, 3, 2, 1, 2, leak=real(2, lo=0, hi=1), lengths=integer(2, values=[1, 3])),
        sequence(0, 1, 1, 1, 1, activation=SIGMOID),
    ),
    row(
        "scan_lstm",
        scan_lstm,
        sequence(4, 4, 2, 3, 2, h0=real(2, 2), c0=real(2, 2)),
        sequence(4, 3, 2, 1, 2, p=real(3, 2), forget_bias=1.0, lengths=integer(2, values=[0, 2])),
        sequence(4, 1, 1, 1, 1, activation=SIGMOID),
    ),
    row(
        "scan_gru",
        scan_gru,
        sequence(3, 4, 2, 3, 2, h0=real(2, 2), candidate_bias=real(2)),
        sequence(3, 3, 2, 1, 2, reset_before=True, lengths=integer(2, values=[3, 1])),
        sequence(3, 1, 1, 1, 1, activation=SIGMOID),
    ),
]
