"""Layers over sets."""

import torch
from torch.nn import functional as f

from cases import case, mask, real, row
from tables import nn_attention
from tables.nn_attention import prefixed, under
from tables.nn_dense import layers, mlp
from tables.set import set_pool


def set_equivariant(x, weight, pool_weight, bias, units, mask=None, how="mean"):
    return f.linear(x, weight, bias) + f.linear(set_pool(x, mask, how), pool_weight).unsqueeze(1)


def deep_sets(x, element, set, mask=None, how="sum", **p):
    return mlp(set_pool(mlp(x, element, **under(p, "mlp_1.")), mask, how), set, **under(p, "mlp_2."))


def set_attention_pool(x, queries, heads, seeds=1, mask=None, **p):
    bias = torch.zeros(x.shape[:2]) if mask is None else torch.where(mask, 0.0, -torch.inf)
    query = queries.expand(len(x), *queries.shape)
    return nn_attention.multi_head(query, x, heads, bias=bias[:, None, None], **under(p, "multi_head_1."))


SOME = mask(2, 4)._replace(values=(True, False, True, True, False, True, False, False))
EQUIVARIANT = dict(weight=real(2, 3), pool_weight=real(2, 3), bias=real(2), units=2)
TABLE = [
    row(
        "set_equivariant",
        set_equivariant,
        *(case(x=real(2, 4, 3), mask=SOME, how=how, **EQUIVARIANT) for how in ("mean", "sum", "max")),
        case(x=real(1, 1, 3), **EQUIVARIANT)
    ),
    row(
        "deep_sets",
        deep_sets,
        case(
            {**prefixed("mlp_1.", layers(3, 4, 2)), **prefixed("mlp_2.", layers(2, 3, 1))},
            x=real(2, 4, 3),
            mask=SOME,
            element=[4, 2],
            set=[3, 1],
        ),
    ),
    row(
        "set_attention_pool",
        set_attention_pool,
        case(prefixed("multi_head_1.", nn_attention.heads_of(4)), x=real(2, 4, 4), queries=real(3, 4), heads=2, seeds=3, mask=SOME),
        case(prefixed("multi_head_1.", nn_attention.heads_of(1)), x=real(1, 1, 1), queries=real(1, 1), heads=1),
    ),
]
