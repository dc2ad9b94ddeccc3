"""Attention and positions."""

import math

import torch
from torch.nn import functional as f

from cases import case, integer, real, row


def seen(s, lengths, causal):
    """Which keys each query sees, of the shape of the scores."""
    lengths = torch.as_tensor(s.shape[-1] if lengths is None else lengths)
    allowed = (torch.arange(s.shape[-1]) < lengths[..., None, None]).expand(s.shape)
    return allowed & torch.ones(s.shape[-2:]).tril().bool() if causal else allowed


def attention_weights(s, lengths=None, causal=False):
    allowed = seen(s, lengths, causal)
    e = torch.where(allowed, torch.exp(s - s.detach().amax(-1, keepdim=True)), 0)
    total = e.sum(-1, keepdim=True)
    return e / torch.where(total > 0, total, 1)


def attention(q, k, v, bias=None, scale=None, causal=False, lengths=None):
    s = (1 / math.sqrt(q.shape[-1]) if scale is None else scale) * q @ k.transpose(-1, -2)
    return attention_weights(s if bias is None else s + bias, lengths, causal) @ v


def additive_scores(q, k, wq, wk, w):
    return torch.tanh(f.linear(q, wq).unsqueeze(-2) + f.linear(k, wk).unsqueeze(-3)) @ w


def split_heads(x, heads):
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def join_heads(x):
    return x.transpose(1, 2).flatten(2)


def rotary(x, base=10000.0):
    """Pairs as complex numbers, turned by a product."""
    t, d = x.shape[-2:]
    angle = torch.arange(t, dtype=x.dtype)[:, None] / base ** (torch.arange(0, d, 2, dtype=x.dtype) / d)
    return torch.view_as_real(
        torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous()) * torch.polar(torch.ones_like(angle), angle)
    ).flatten(-2)


def multi_head_attention(x, memory, wq, bq, wk, bk, wv, bv, wo, bo, heads, causal=False, lengths=None, bias=None, rotate=False):
    q, k, v = (split_heads(f.linear(y, w, b), heads) for y, w, b in ((x, wq, bq), (memory, wk, bk), (memory, wv, bv)))
    q, k = (rotary(q), rotary(k)) if rotate else (q, k)
    return f.linear(join_heads(attention(q, k, v, bias, causal=causal, lengths=None if lengths is None else lengths[:, None])), wo, bo)


def sinusoidal_positions(positions, units, base=10000.0):
    angle = torch.arange(positions)[:, None] / base ** (torch.arange(units) // 2 * 2 / units)
    return torch.where(torch.arange(units) % 2 == 0, torch.sin(angle), torch.cos(angle))


def distance(queries, keys):
    return torch.arange(keys) - torch.arange(queries)[:, None]


def alibi(heads, queries, keys):
    return -torch.pow(2.0, -8 * torch.arange(1, heads + 1) / heads)[:, None, None] * distance(queries, keys).abs()


def relative_bias(table, queries, keys):
    reach = table.shape[1] // 2
    return table[:, distance(queries, keys).clamp(-reach, reach) + reach]


def weights(x, m, a, v, u):
    sizes = {"wq": (a, x), "bq": (a,), "wk": (a, m), "bk": (a,), "wv": (v, m), "bv": (v,), "wo": (u, v), "bo": (u,)}
    return {name: real(*shape) for name, shape in sizes.items()}


TABLE = [
    row(
        "attention_weights",
        attention_weights,
        case(s=real(2, 3, 4)),
        case(s=real(3, 2, 5), lengths=integer(3, values=[2, 0, 5])),
        case(s=real(4, 4), causal=True),
        case(s=real(1, 1)),
    ),
    row(
        "attention",
        attention,
        case(q=real(2, 3, 4), k=real(2, 5, 4), v=real(2, 5, 2)),
        case(q=real(1, 2, 4, 3), k=real(1, 2, 4, 3), v=real(1, 2, 4, 3), bias=real(2, 4, 4), causal=True),
        case(q=real(3, 2), k=real(4, 2), v=real(4, 1), scale=2.0, bias=real(3, 4)),
        case(q=real(1, 1, 1), k=real(1, 1, 1), v=real(1, 1, 1)),
        case(q=real(3, 2, 2), k=real(3, 4, 2), v=real(3, 4, 2), lengths=integer(3, values=[4, 1, 0])),
    ),
    row(
        "additive_scores",
        additive_scores,
        case(q=real(2, 3, 4), k=real(2, 5, 2), wq=real(3, 4), wk=real(3, 2), w=real(3)),
        case(q=real(1, 1), k=real(2, 1), wq=real(1, 1), wk=real(1, 1), w=real(1)),
    ),
    row("split_heads", split_heads, case(x=real(2, 3, 6), heads=2), case(x=real(1, 2, 3), heads=1), case(x=real(1, 1, 3), heads=3)),
    row("join_heads", join_heads, case(x=real(2, 3, 4, 2)), case(x=real(1, 1, 2, 1))),
    row(
        "multi_head_attention",
        multi_head_attention,
        case(weights(4, 3, 6, 4, 5), x=real(2, 3, 4), memory=real(2, 5, 3), lengths=integer(2, values=[2, 5]), heads=2),
        case(weights(3, 3, 4, 2, 3), x=real(1, 4, 3), memory=real(1, 4, 3), heads=1, causal=True, rotate=True),
        case(weights(2, 2, 2, 2, 2), x=real(2, 3, 2), memory=real(2, 3, 2), bias=real(2, 3, 3), heads=2),
    ),
    row(
        "sinusoidal_positions",
        sinusoidal_positions,
        case(positions=5, units=4),
        case(positions=3, units=7, base=100.0),
        case(positions=1, units=1),
        order=0,
    ),
    row("rotary", rotary, case(x=real(2, 3, 4)), case(x=real(5, 2), base=10.0), case(x=real(1, 1, 1, 6))),
    row("alibi", alibi, case(heads=4, queries=3, keys=5), case(heads=1, queries=1, keys=2), order=0),
    row("relative_bias", relative_bias, case(table=real(2, 5), queries=4, keys=6), case(table=real(1, 1), queries=2, keys=2)),
]
