#!/usr/bin/env python3
"""Writes layers.json: what PyTorch's layers give in f64 where std/nn has the same layer, with the arrays, as sizes and a run of samples.

usage: layers.py > layers.json        needs torch; the reference in the tree is from PyTorch 2 on a CPU
"""
import json, math
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
E, HEADS, HIDDEN = 4, 2, 5
runs = []


def samples(shape, k):
    """Numbers in (-1, 1), all different within runs of 64; cli/layers_test.py makes the same."""
    return torch.tensor([((6 * i * i + 37 * i + 11 * k) % 64 - 31.5) / 32 for i in range(math.prod(shape))]).reshape(shape)


def run(layer, settings, shapes, lengths, compute):
    """`compute` gets every array by its path; what PyTorch leaves as padding is None."""
    arrays = {path: [list(shape), k] for k, (path, shape) in enumerate(shapes.items())}
    result, valid = compute({path: samples(*spec) for path, spec in arrays.items()})
    values = [float(v) if ok else None for v, ok in zip(result.detach().flatten(), valid.expand_as(result).flatten())]
    runs.append({"layer": layer, "settings": settings, "arrays": arrays, "lengths": lengths, "shape": list(result.shape), "values": values})


def attention_shapes(path="", units=E, keys=E):
    weights = {"query_weight": (E, units), "key_weight": (E, keys), "value_weight": (E, keys), "output_weight": (units, E)}
    return {path + leaf: shape for leaf, shape in {**weights, "query_bias": (E,), "key_bias": (E,), "value_bias": (E,), "output_bias": (units,)}.items()}


def set_attention(module, arrays, path=""):
    weights = [arrays[path + name + "_weight"] for name in ("query", "key", "value")]
    if module._qkv_same_embed_dim:
        module.in_proj_weight.data = torch.cat(weights)
    else:
        module.q_proj_weight.data, module.k_proj_weight.data, module.v_proj_weight.data = weights
    module.in_proj_bias.data = torch.cat([arrays[path + name + "_bias"] for name in ("query", "key", "value")])
    module.out_proj.weight.data, module.out_proj.bias.data = arrays[path + "output_weight"], arrays[path + "output_bias"]


def set_pair(module, arrays, path, weight="gain", bias="shift"):
    module.weight.data, module.bias.data = arrays[f"{path}.{weight}"], arrays[f"{path}.{bias}"]


def padding(lengths, positions):
    return torch.tensor([[j >= length for j in range(positions)] for length in lengths])


everything = torch.tensor(True)
norm_shapes = lambda path: {path + ".gain": (E,), path + ".shift": (E,)}
block_shapes = {**attention_shapes("attend."), **norm_shapes("attend_norm"), "mlp.dense_1.weight": (HIDDEN, E), "mlp.dense_1.bias": (HIDDEN,),
                "mlp.dense_2.weight": (E, HIDDEN), "mlp.dense_2.bias": (E,), **norm_shapes("mlp_norm")}


def set_block(module, arrays, last_norm):
    set_attention(module.self_attn, arrays, "attend.")
    set_pair(module.norm1, arrays, "attend_norm")
    set_pair(module.linear1, arrays, "mlp.dense_1", "weight", "bias")
    set_pair(module.linear2, arrays, "mlp.dense_2", "weight", "bias")
    set_pair(last_norm, arrays, "mlp_norm")


def cross_attention(a):
    module = torch.nn.MultiheadAttention(E, HEADS, kdim=3, vdim=3, batch_first=True)
    set_attention(module, a)
    return module(a["x"], a["memory"], a["memory"], key_padding_mask=padding([2, 5], 5))[0], everything


run("multi_head", {"heads": HEADS}, {"x": (2, 3, E), "memory": (2, 5, 3), **attention_shapes(keys=3)}, [2, 5], cross_attention)

for pre_norm in (False, True):
    settings = {"heads": HEADS, "hidden": HIDDEN, "pre_norm": pre_norm}
    options = dict(dim_feedforward=HIDDEN, dropout=0.0, activation="gelu", batch_first=True, norm_first=pre_norm)

    def encoder(a):
        module = torch.nn.TransformerEncoderLayer(E, HEADS, **options)
        set_block(module, a, module.norm2)
        return module(a["x"], src_key_padding_mask=padding([2, 3], 3)), everything

    def decoder(a):
        module = torch.nn.TransformerDecoderLayer(E, HEADS, **options)
        set_block(module, a, module.norm3)
        set_attention(module.multihead_attn, a, "cross.")
        set_pair(module.norm2, a, "cross_norm")
        mask = torch.nn.Transformer.generate_square_subsequent_mask(3)
        return module(a["x"], a["memory"], tgt_mask=mask, memory_key_padding_mask=padding([2, 4], 4)), everything

    run("transformer_encoder_block", settings, {"x": (2, 3, E), **block_shapes}, [2, 3], encoder)
    run("transformer_decoder_block", settings,
        {"x": (2, 3, E), "memory": (2, 4, E), **block_shapes, **attention_shapes("cross."), **norm_shapes("cross_norm")}, [2, 4], decoder)

PATHS = ("0", "1.bidirectional_1")  # of the layers of `recurrent`
for cell, gates in (("lstm", 4), ("rnn", 1)):
    def two_ways(a):
        module = {"lstm": torch.nn.LSTM, "rnn": torch.nn.RNN}[cell](2, 3, num_layers=2, bidirectional=True)
        for layer in range(2):
            for way, suffix in enumerate(("", "_reverse")):
                path, name = f"{PATHS[layer]}.{cell}_{way + 1}.", f"_l{layer}{suffix}"
                getattr(module, "weight_ih" + name).data = a[path + "input_weight"].reshape(gates * 3, -1)
                getattr(module, "weight_hh" + name).data = a[path + "recurrent_weight"].reshape(gates * 3, 3)
                getattr(module, "bias_ih" + name).data = a[path + "bias"].flatten()
                getattr(module, "bias_hh" + name).data.zero_()
        packed = pack_padded_sequence(a["xs"], torch.tensor([2, 4]), enforce_sorted=False)
        return pad_packed_sequence(module(packed)[0])[0], ~padding([2, 4], 4).T[:, :, None]

    g = (gates,) if gates > 1 else ()
    run("recurrent", {"cells": f"[bidirectional({cell}(3)), bidirectional({cell}(3))]"},
        {"xs": (4, 2, 2), **{f"{PATHS[layer]}.{cell}_{way}.{leaf}": shape for layer in range(2) for way in (1, 2) for leaf, shape in
                             {"input_weight": g + (3, 6 if layer else 2), "recurrent_weight": g + (3, 3), "bias": g + (3,)}.items()}}, [2, 4], two_ways)

print(json.dumps({"pytorch": torch.__version__})[:-1] + ', "runs": [\n' + ",\n".join(json.dumps(r) for r in runs) + "\n]}")
