"""Reductions over segments."""

import torch

from cases import case, integer, real, row


def rows_of(x, segment, segments):
    return [x[segment == s] for s in range(segments)]


def segment_sum(x, segment, segments):
    return torch.stack([part.sum(0) for part in rows_of(x, segment, segments)])


def segment_mean(x, segment, segments):
    return torch.stack([part.sum(0) / max(len(part), 1) for part in rows_of(x, segment, segments)])


def segment_max(x, segment, segments, empty=-float("inf")):
    return torch.stack(
        [part.amax(0) if len(part) else torch.full(x.shape[1:], empty, dtype=x.dtype) for part in rows_of(x, segment, segments)]
    )


def segment_softmax(x, segment, segments):
    e = torch.exp(x - x.detach().amax(0))
    return e / segment_sum(e, segment, segments)[segment]


SEGMENTS = (
    case(x=real(7, 3), segment=integer(7, hi=4), segments=4),
    case(x=real(6), segment=integer(6, hi=2), segments=2),
    case(x=real(5, 2, 1), segment=integer(5, values=[4, 0, 4, 2, 4]), segments=5),
    case(x=real(3, 2), segment=integer(3, hi=1), segments=1),
)
NONE = case(x=real(0, 2), segment=integer(0, hi=3), segments=3)

TABLE = [
    row("segment_sum", segment_sum, *SEGMENTS, NONE),
    row("segment_mean", segment_mean, *SEGMENTS, NONE),
    row(
        "segment_max",
        segment_max,
        case(x=real(6, 2), segment=integer(6, values=[1, 0, 2, 1, 1, 0]), segments=3),
        case(x=real(5, 2, 1), segment=integer(5, values=[4, 0, 4, 2, 4]), segments=5, empty=-7.0),
    ),
    row("segment_softmax", segment_softmax, *SEGMENTS),
]
