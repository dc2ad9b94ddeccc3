"""Attention layers and the transformer: PyTorch's own modules with the library's parameters, where PyTorch has them."""

import torch
from torch import nn
from torch.func import functional_call
from torch.nn import functional as f

from cases import case, integer, real, row
from tables import attention

KINDS = ("query", "key", "value")


def under(p, path):
    return {name[len(path) :]: value for name, value in p.items() if name.startswith(path)}


def attend(p, path=""):
    """The parameters of `MultiheadAttention` from those of `multi_head`."""
    w = [p[f"{path}{kind}_weight"] for kind in KINDS]
    same = len({v.shape[1] for v in w}) == 1
    mapped = {"in_proj_weight": torch.cat(w)} if same else {f"{kind[0]}_proj_weight": v for kind, v in zip(KINDS, w)}
    return {
        **mapped,
        "in_proj_bias": torch.cat([p[f"{path}{kind}_bias"] for kind in KINDS]),
        "out_proj.weight": p[path + "output_weight"],
        "out_proj.bias": p[path + "output_bias"],
    }


def hidden_keys(lengths, positions):
    """PyTorch's mask: true where a key is not looked at."""
    return None if lengths is None else torch.arange(positions) >= lengths[:, None]


def multi_head(x, memory, heads, units=None, causal=False, lengths=None, bias=None, rotate=False, **p):
    if units is None and not rotate and bias is None and not causal:
        module = nn.MultiheadAttention(x.shape[-1], heads, kdim=memory.shape[-1], vdim=memory.shape[-1], batch_first=True)
        return functional_call(
            module, attend(p), (x, memory, memory), {"key_padding_mask": hidden_keys(lengths, memory.shape[1]), "need_weights": False}
        )[0]
    given = [p[f"{kind}_{leaf}"] for kind in (*KINDS, "output") for leaf in ("weight", "bias")]
    return attention.multi_head_attention(x, memory, *given, heads, causal, lengths, bias, rotate)


def block_parameters(p, decoder):
    """Those of a block of `nn.Transformer`."""
    parts = {"self_attn": attend(p, "attend."), "linear1": under(p, "mlp.dense_1."), "linear2": under(p, "mlp.dense_2.")}
    norms = ["attend_norm", "cross_norm", "mlp_norm"] if decoder else ["attend_norm", "mlp_norm"]
    if decoder:
        parts["multihead_attn"] = attend(p, "cross.")
    for i, norm in enumerate(norms, 1):
        parts[f"norm{i}"] = {"weight": p[norm + ".gain"], "bias": p[norm + ".shift"]}
    return {f"{part}.{name}": value for part, values in parts.items() for name, value in values.items()}


def options(x, heads, hidden, pre_norm):
    return (x.shape[-1], heads), dict(dim_feedforward=hidden, dropout=0.0, activation="gelu", batch_first=True, norm_first=pre_norm)


def mask_of(x, causal):
    return nn.Transformer.generate_square_subsequent_mask(x.shape[1]) if causal else None


def encoder_block(x, heads, hidden, pre_norm=False, causal=False, lengths=None, **p):
    sizes, settings = options(x, heads, hidden, pre_norm)
    return functional_call(
        nn.TransformerEncoderLayer(*sizes, **settings),
        block_parameters(p, False),
        (x,),
        {"src_mask": mask_of(x, causal), "src_key_padding_mask": hidden_keys(lengths, x.shape[1])},
    )


def decoder_block(x, memory, heads, hidden, pre_norm=False, lengths=None, **p):
    sizes, settings = options(x, heads, hidden, pre_norm)
    return functional_call(
        nn.TransformerDecoderLayer(*sizes, **settings),
        block_parameters(p, True),
        (x, memory),
        {"tgt_mask": mask_of(x, True), "memory_key_padding_mask": hidden_keys(lengths, memory.shape[1])},
    )


def closing_norm(y, pre_norm, p):
    return f.layer_norm(y, y.shape[-1:], p["layer_norm_1.gain"], p["layer_norm_1.shift"]) if pre_norm else y


def encoder(x, blocks, heads, hidden, pre_norm=False, causal=False, lengths=None, **p):
    for i in range(blocks):
        x = encoder_block(x, heads, hidden, pre_norm, causal, lengths, **under(p, f"{i}."))
    return closing_norm(x, pre_norm, p)


def decoder(x, memory, blocks, heads, hidden, pre_norm=False, lengths=None, **p):
    for i in range(blocks):
        x = decoder_block(x, memory, heads, hidden, pre_norm, lengths, **under(p, f"{i}."))
    return closing_norm(x, pre_norm, p)


def transformer(source, target, blocks, heads, hidden, pre_norm=False, lengths=None, **p):
    memory = encoder(source, blocks, heads, hidden, pre_norm, False, lengths, **under(p, "encoder."))
    return decoder(target, memory, blocks, heads, hidden, pre_norm, lengths, **under(p, "decoder."))


def feed_forward(x, hidden, **p):
    h = f.gelu(f.linear(x, p["dense_1.weight"], p["dense_1.bias"]))
    return f.linear(h, p["dense_2.weight"], p["dense_2.bias"])


def prefixed(path, specs):
    return {path + name: spec for name, spec in specs.items()}


def heads_of(e, m=None, units=None):
    m, units = e if m is None else m, e if units is None else units
    weights = {"query_weight": (units, e), "key_weight": (units, m), "value_weight": (units, m), "output_weight": (e, units)}
    return {
        name: real(*shape)
        for name, shape in {**weights, "query_bias": (units,), "key_bias": (units,), "value_bias": (units,), "output_bias": (e,)}.items()
    }


def norm_of(e):
    return {"gain": real(e), "shift": real(e)}


def mlp_of(e, hidden):
    return {"dense_1.weight": real(hidden, e), "dense_1.bias": real(hidden), "dense_2.weight": real(e, hidden), "dense_2.bias": real(e)}


def block_of(e, hidden, decoder=False):
    cross = {**prefixed("cross.", heads_of(e)), **prefixed("cross_norm.", norm_of(e))} if decoder else {}
    return {
        **prefixed("attend.", heads_of(e)),
        **prefixed("attend_norm.", norm_of(e)),
        **cross,
        **prefixed("mlp.", mlp_of(e, hidden)),
        **prefixed("mlp_norm.", norm_of(e)),
    }


def blocks_of(count, e, hidden, decoder=False, pre_norm=False):
    found = {name: spec for i in range(count) for name, spec in prefixed(f"{i}.", block_of(e, hidden, decoder)).items()}
    return {**found, **prefixed("layer_norm_1.", norm_of(e))} if pre_norm else found


LENGTHS = integer(2, values=[2, 3])
TABLE = [
    row(
        "multi_head",
        multi_head,
        case(heads_of(4, 3), x=real(2, 3, 4), memory=real(2, 5, 3), heads=2, lengths=integer(2, values=[2, 5])),
        case(heads_of(3, 3, 4), x=real(1, 3, 3), memory=real(1, 3, 3), heads=2, units=4, causal=True, rotate=True),
        case(heads_of(2), x=real(2, 3, 2), memory=real(2, 3, 2), heads=1, bias=real(3, 3)),
        order=2,
    ),
    row(
        "learned_positions",
        lambda x, weight, positions: x + weight[: x.shape[1]],
        case(x=real(2, 3, 4), weight=real(5, 4), positions=5),
        case(x=real(1, 1, 1), weight=real(1, 1), positions=1),
    ),
    row("feed_forward", feed_forward, case(mlp_of(3, 5), x=real(2, 4, 3), hidden=5), case(mlp_of(1, 1), x=real(2, 1), hidden=1)),
    row(
        "transformer_encoder_block",
        encoder_block,
        *(
            case(block_of(4, 5), x=real(2, 3, 4), heads=2, hidden=5, pre_norm=pre, causal=causal, lengths=LENGTHS)
            for pre, causal in ((False, False), (True, True))
        ),
    ),
    row(
        "transformer_decoder_block",
        decoder_block,
        *(
            case(
                block_of(4, 5, True),
                x=real(2, 3, 4),
                memory=real(2, 4, 4),
                heads=2,
                hidden=5,
                pre_norm=pre,
                lengths=integer(2, values=[2, 4]),
            )
            for pre in (False, True)
        ),
    ),
    row(
        "transformer_encoder", encoder, case(blocks_of(2, 2, 3, pre_norm=True), x=real(1, 3, 2), blocks=2, heads=1, hidden=3, pre_norm=True)
    ),
    row("transformer_decoder", decoder, case(blocks_of(2, 2, 3, True), x=real(1, 2, 2), memory=real(1, 3, 2), blocks=2, heads=2, hidden=3)),
    row(
        "transformer",
        transformer,
        case(
            {**prefixed("encoder.", blocks_of(1, 2, 3)), **prefixed("decoder.", blocks_of(1, 2, 3, True))},
            source=real(2, 3, 2),
            target=real(2, 2, 2),
            blocks=1,
            heads=1,
            hidden=3,
            lengths=LENGTHS,
        ),
    ),
]
