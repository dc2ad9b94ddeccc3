"""Graphs given by their edges."""

import torch

from cases import case, integer, positive, real, row
from tables import segment


def self_loops(to, nodes, **p):
    own = torch.arange(nodes)
    return torch.cat([p["from"], own]), torch.cat([to, own])


def adjacency(sources, to, nodes, weights=None):
    """Entry [i, j]: the weights of the edges from j to i."""
    weights = torch.ones(len(to)) if weights is None else weights
    return torch.zeros(nodes, nodes).index_put((to, sources), weights, accumulate=True)


def in_degree(to, nodes, weights=None):
    return adjacency(torch.zeros_like(to), to, nodes, weights).sum(1)


def symmetric_norm(to, nodes, weights=None, **p):
    d = in_degree(to, nodes, weights)
    r = torch.where(d > 0, torch.where(d > 0, d, 1) ** -0.5, 0)
    return (1 if weights is None else weights) * r[p["from"]] * r[to]


def aggregate(values, to, nodes, how="sum"):
    return {"sum": segment.segment_sum, "mean": segment.segment_mean, "max": lambda *a: segment.segment_max(*a, empty=0.0)}[how](
        values, to, nodes
    )


def edges(count, nodes, **more):
    return case({"from": integer(count, hi=nodes)}, to=integer(count, hi=nodes), nodes=nodes, **more)


TABLE = [
    row("self_loops", self_loops, edges(5, 4), edges(0, 2), order=0),
    row("in_degree", in_degree, case(to=integer(7, hi=4), nodes=4, weights=positive(7)), case(to=integer(5, hi=2), nodes=3)),
    row("symmetric_norm", symmetric_norm, edges(9, 4, weights=positive(9)), edges(3, 5), edges(1, 1, weights=positive(1))),
    row(
        "aggregate",
        aggregate,
        *(case(values=real(6, 3), to=integer(6, values=[1, 0, 2, 1, 1, 4]), nodes=5, how=how) for how in ("sum", "mean", "max")),
        case(values=real(4), to=integer(4, hi=2), nodes=2)
    ),
]
