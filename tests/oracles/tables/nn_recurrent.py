"""Recurrent layers: the functions of std/recurrent with parameters, both ways, stacked and attending."""

import torch
from torch.nn import functional as f

from cases import Code, case, fixed, integer, real, row
from tables import attention
from tables import recurrent as r
from tables.nn_attention import prefixed, under


def both_ways(scan):
    """The layer of a scan: it may read backwards."""

    def layer(xs, units, input_weight, recurrent_weight, bias, lengths=None, backward=False, peephole=None, **more):
        turn = (lambda v: r.reverse(v, lengths)) if backward else (lambda v: v)
        hs = scan(turn(xs), input_weight, recurrent_weight, bias, lengths=lengths, **more)
        return tuple(map(turn, hs)) if isinstance(hs, tuple) else turn(hs)

    return layer


def peeping(function):
    return lambda peephole_weight=None, **p: function(p=peephole_weight, **p)


rnn, gru = both_ways(r.scan_rnn), both_ways(r.scan_gru)
lstm_states = peeping(both_ways(r.scan_lstm))


def lstm(**p):
    return lstm_states(**p)[0]


def reservoir(xs, units, input_weight, recurrent_weight, spectral_radius=0.9, input_scale=1.0, leak=0.0, h0=None, lengths=None):
    return r.scan_rnn(
        xs, input_scale * input_weight, spectral_radius * recurrent_weight, torch.zeros(units), h0, leak=leak, lengths=lengths
    )


def bidirectional(xs, cell, lengths=None, **p):
    name = cell[: cell.index("(")]
    way = {"gru": gru, "lstm": lstm}[name]
    ahead, back = (
        way(xs=x, units=None, lengths=lengths, **under(p, f"{name}_{i}.")) for i, x in enumerate((xs, r.reverse(xs, lengths)), 1)
    )
    return torch.cat([ahead, r.reverse(back, lengths)], -1)


def recurrent(xs, cells, lengths=None, **p):
    """Of the row below: an LSTM both ways, then gated units."""
    h = bidirectional(xs, "lstm(2)", lengths, **under(p, "0."))
    return gru(xs=h, units=None, lengths=lengths, **under(p, "1.gru_1."))


def sequence_to_sequence(source, target, units, lengths=None, **p):
    hs, cs = lstm_states(xs=source, units=units, lengths=lengths, **under(p, "encoder."))
    return lstm(xs=target, units=units, h0=hs[-1], c0=cs[-1], **under(p, "decoder."))


def dense(x, p, path):
    return f.linear(x, p[path + ".weight"], p[path + ".bias"])


def encoder_decoder(source, target, units, lengths=None, **p):
    last = gru(xs=source, units=units, reset_before=True, lengths=lengths, **under(p, "encoder."))[-1]
    context = torch.tanh(dense(last, p, "summary"))
    seen = torch.cat([target, context.expand(len(target), *context.shape)], -1)
    return gru(xs=seen, units=units, reset_before=True, h0=torch.tanh(dense(context, p, "start")), **under(p, "decoder."))


def attention_decoder(
    target, memory, units, input_weight, recurrent_weight, bias, query_weight, key_weight, score_weight, lengths=None, h0=None
):
    keys, h, steps = memory.transpose(0, 1), r.begin(target, recurrent_weight, h0), []
    for x in target:
        scores = attention.additive_scores(h[:, None], keys, query_weight, key_weight, score_weight)
        w = attention.attention_weights(scores, lengths)
        c = (w @ keys)[:, 0]
        h = r.gru_cell(torch.cat([x, c], 1), h, input_weight, recurrent_weight, bias, reset_before=True)
        steps.append((h, c, w[:, 0]))
    return tuple(torch.stack(each) for each in zip(*steps))


def cell(gates, k, units, **more):
    axes = (gates,) if gates else ()
    return {"input_weight": real(*axes, units, k), "recurrent_weight": real(*axes, units, units), "bias": real(*axes, units), **more}


def sequence(gates, t, n, k, units, more=(), **statics):
    return case({**cell(gates, k, units), **dict(more)}, xs=real(t, n, k), units=units, **statics)


def affine(k, units):
    return {"weight": real(units, k), "bias": real(units)}


SHORT, SIGMOID = integer(2, values=[2, 4]), Code("sigmoid")
DECODER = {**cell(3, 5, 2), "query_weight": real(2, 2), "key_weight": real(2, 3), "score_weight": real(2)}
TABLE = [
    row(
        "rnn",
        rnn,
        sequence(0, 4, 2, 3, 2),
        sequence(0, 1, 1, 1, 1),
        sequence(0, 4, 2, 2, 3, lengths=SHORT, backward=True, h0=real(2, 3), leak=real(3, lo=0, hi=1), activation=SIGMOID),
    ),
    row(
        "lstm_states",
        lstm_states,
        sequence(4, 4, 2, 3, 2),
        sequence(
            4,
            4,
            2,
            1,
            2,
            {"peephole_weight": real(3, 2)},
            lengths=SHORT,
            backward=True,
            h0=real(2, 2),
            c0=real(2, 2),
            peephole=True,
            forget_bias=1.0,
        ),
    ),
    row(
        "lstm",
        lstm,
        sequence(4, 4, 2, 3, 2),
        sequence(4, 1, 1, 1, 1),
        sequence(4, 4, 2, 1, 2, {"peephole_weight": real(3, 2)}, lengths=SHORT, backward=True, peephole=True, activation=SIGMOID),
    ),
    row(
        "gru",
        gru,
        sequence(3, 4, 2, 3, 2, {"candidate_bias": real(2)}),
        sequence(3, 1, 1, 1, 1, {"candidate_bias": real(1)}),
        sequence(3, 4, 2, 2, 3, lengths=SHORT, backward=True, h0=real(2, 3), reset_before=True),
    ),
    row(
        "reservoir",
        reservoir,
        case(xs=real(4, 2, 3), input_weight=fixed(2, 3), recurrent_weight=fixed(2, 2), units=2),
        case(
            xs=real(4, 2, 1),
            input_weight=fixed(3, 1),
            recurrent_weight=fixed(3, 3),
            units=3,
            leak=real(3, lo=0, hi=1),
            spectral_radius=0.5,
            input_scale=2.0,
            lengths=SHORT,
        ),
    ),
    row(
        "bidirectional",
        bidirectional,
        *(
            case(
                {**prefixed("gru_1.", cell(3, 3, 2, candidate_bias=real(2))), **prefixed("gru_2.", cell(3, 3, 2, candidate_bias=real(2)))},
                xs=real(4, 2, 3),
                cell=Code("gru(2)"),
                **more,
            )
            for more in ({}, {"lengths": SHORT})
        ),
    ),
    row(
        "recurrent",
        recurrent,
        case(
            {
                **prefixed("0.lstm_1.", cell(4, 3, 2)),
                **prefixed("0.lstm_2.", cell(4, 3, 2)),
                **prefixed("1.gru_1.", cell(3, 4, 2, candidate_bias=real(2))),
            },
            xs=real(4, 2, 3),
            cells=Code("[bidirectional(lstm(2)), gru(2)]"),
            lengths=SHORT,
        ),
    ),
    row(
        "sequence_to_sequence",
        sequence_to_sequence,
        case(
            {**prefixed("encoder.", cell(4, 3, 2)), **prefixed("decoder.", cell(4, 1, 2))},
            source=real(4, 2, 3),
            target=real(3, 2, 1),
            units=2,
            lengths=SHORT,
        ),
    ),
    row(
        "encoder_decoder",
        encoder_decoder,
        case(
            {
                **prefixed("encoder.", cell(3, 3, 2)),
                **prefixed("summary.", affine(2, 2)),
                **prefixed("start.", affine(2, 2)),
                **prefixed("decoder.", cell(3, 3, 2)),
            },
            source=real(4, 2, 3),
            target=real(3, 2, 1),
            units=2,
            lengths=SHORT,
        ),
    ),
    row(
        "attention_decoder",
        attention_decoder,
        case(DECODER, target=real(3, 2, 2), memory=real(4, 2, 3), units=2, lengths=SHORT, h0=real(2, 2)),
        case(DECODER, target=real(1, 1, 2), memory=real(1, 1, 3), units=2),
    ),
]
