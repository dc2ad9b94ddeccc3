"""Metrics."""

import math

import torch

from cases import case, integer, positive, real, row

SCORES = (
    case(z=real(9, 4), label=integer(9, hi=4)),
    case(z=real(2, 3, 5), label=integer(2, 3, hi=5)),
    case(z=real(2, 1), label=integer(2, hi=1)),
)
CLASSES = (
    case(predicted=integer(20, hi=4), label=integer(20, hi=4), classes=4),
    case(predicted=integer(3, hi=2), label=integer(3, hi=2), classes=5),
)


def top_k_accuracy(z, label, k=5):
    return (z.topk(k, -1)[1] == label.unsqueeze(-1)).any(-1).double().mean()


def confusion_matrix(predicted, label, classes):
    return torch.bincount(label * classes + predicted, minlength=classes**2).reshape(classes, classes)


def precision_recall_f1(predicted, label, classes):
    m = confusion_matrix(predicted, label, classes).double()
    hit, said, actual = m.diag(), m.sum(0), m.sum(1)
    return hit / said.clamp(min=1), hit / actual.clamp(min=1), 2 * hit / (said + actual).clamp(min=1)


def calibration_error(p, label, bins=15):
    sure, best = p.max(-1)
    right, found = (best == label).double(), 0.0
    for b in range(bins):
        inside = (sure > b / bins) & (sure <= (b + 1) / bins)
        found = found + (right[inside] - sure[inside]).sum().abs()
    return found / len(p)


TABLE = [
    row("accuracy", lambda z, label: (z.argmax(-1) == label).double().mean(), *SCORES, order=0),
    row(
        "top_k_accuracy",
        top_k_accuracy,
        case(z=real(9, 7), label=integer(9, hi=7)),
        case(z=real(2, 3, 5), label=integer(2, 3, hi=5), k=2),
        case(z=real(2, 1), label=integer(2, hi=1), k=1),
        order=0,
    ),
    row("confusion_matrix", confusion_matrix, *CLASSES, order=0),
    row("precision_recall_f1", precision_recall_f1, *CLASSES, order=0),
    row(
        "calibration_error",
        calibration_error,
        case(p=real(12, 3, lo=0, hi=1), label=integer(12, hi=3)),
        case(p=real(6, 2, lo=0, hi=1), label=integer(6, hi=2), bins=4),
    ),
    row(
        "r_squared",
        lambda prediction, target: 1 - ((target - prediction) ** 2).sum() / ((target - target.mean()) ** 2).sum(),
        case(prediction=real(7), target=real(7)),
        case(prediction=real(3, 4), target=real(3, 4)),
    ),
    row("perplexity", lambda loss: torch.exp(loss.mean()), case(loss=positive(5)), case(loss=positive(2, 3))),
    row("bits_per_character", lambda loss: loss.mean() / math.log(2), case(loss=positive(5)), case(loss=positive(2, 3))),
]
