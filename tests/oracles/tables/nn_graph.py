"""Layers over graphs, by their equations with dense adjacency matrices where there are any."""

import torch
from torch.nn import functional as f

from cases import case, integer, positive, real, row
from tables import graph
from tables.nn_attention import prefixed, under
from tables.nn_dense import layers, mlp


def graph_conv(x, to, weight, bias, units, weights=None, **p):
    n = len(x)
    a = graph.adjacency(p["from"], to, n, weights) + torch.eye(n)
    d = a.sum(1) ** -0.5
    return (d[:, None] * a * d) @ x @ weight.T + bias


def sage(x, to, weight, neighbour_weight, bias, units, how="mean", **p):
    return f.linear(x, weight, bias) + graph.aggregate(x[p["from"]], to, len(x), how) @ neighbour_weight.T


def gat(x, to, weight, target_attention, source_attention, bias, units, heads=1, average=False, slope=0.2, **p):
    sources, targets = graph.self_loops(to, len(x), **p)
    results = []
    for w, t, s in zip(weight, target_attention, source_attention):
        h = x @ w.T
        scores = f.leaky_relu((h @ t)[targets] + (h @ s)[sources], slope)
        rows = [torch.softmax(scores[targets == n], 0) @ h[sources[targets == n]] for n in range(len(x))]
        results.append(torch.stack(rows))
    return (torch.stack(results).mean(0) if average else torch.cat(results, 1)) + bias


def gin(x, to, eps, units, **p):
    heard = graph.adjacency(p.pop("from"), to, len(x)) @ x
    return mlp((1 + eps) * x + heard, units, **under(p, "mlp_1."))


def message_passing(x, to, message, update, edges=None, how="sum", **p):
    seen = torch.cat([x[to], x[p["from"]], *([] if edges is None else [edges])], 1)
    heard = graph.aggregate(mlp(seen, message, **under(p, "say.")), to, len(x), how)
    return mlp(torch.cat([x, heard], 1), update, **under(p, "become."))


def edges_of(nodes, count, k, parameters, **more):
    return case({"from": integer(count, hi=nodes), **parameters}, x=real(nodes, k), to=integer(count, hi=nodes), **more)


def attention(heads, units, k, width):
    return {
        "weight": real(heads, units, k),
        "target_attention": real(heads, units),
        "source_attention": real(heads, units),
        "bias": real(width),
    }


AFFINE = {"weight": real(2, 3), "bias": real(2)}
SAGE = {**AFFINE, "neighbour_weight": real(2, 3)}
TABLE = [
    row(
        "graph_conv",
        graph_conv,
        edges_of(5, 9, 3, AFFINE, units=2, weights=positive(9)),
        edges_of(3, 0, 3, AFFINE, units=2),
        edges_of(1, 1, 1, {"weight": real(1, 1), "bias": real(1)}, units=1),
    ),
    row("sage", sage, *(edges_of(5, 9, 3, SAGE, units=2, how=how) for how in ("mean", "sum", "max"))),
    row(
        "gat",
        gat,
        edges_of(5, 9, 3, attention(2, 2, 3, 4), units=2, heads=2),
        edges_of(4, 5, 3, attention(2, 2, 3, 2), units=2, heads=2, average=True, slope=0.1),
        edges_of(1, 0, 1, attention(1, 1, 1, 1), units=1),
    ),
    row("gin", gin, edges_of(5, 9, 3, {"eps": real(1), **prefixed("mlp_1.", layers(3, 4, 2))}, units=[4, 2])),
    row(
        "message_passing",
        message_passing,
        edges_of(
            5,
            9,
            2,
            {**prefixed("say.", layers(7, 4, 3)), **prefixed("become.", layers(5, 2))},
            message=[4, 3],
            update=[2],
            edges=real(9, 3),
        ),
        edges_of(3, 4, 1, {**prefixed("say.", layers(2, 2)), **prefixed("become.", layers(3, 1))}, message=[2], update=[1], how="mean"),
    ),
]
