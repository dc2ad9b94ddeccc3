"""The cases of bench/kernels: for each kernel class equations with sizes, what of them is asked, and the peer that computes the same.

A case is what kernel_server takes, with the name of its class and of itself, and the floating-point operations of the textbook algorithm (0
where memory is the limit).
"""
from math import prod

from common.machine import TOP

EQUATIONS = TOP / "bench/equations"

# M, K, N.  The first rows are round numbers, the others are not.
PRODUCTS = [
    (64, 784, 256), (128, 784, 512), (128, 512, 256), (32, 128, 10), (256, 128, 10), (128, 3136, 128), (128, 1024, 1024), (768, 768, 768),
    (1, 512, 512), (1, 1024, 4096), (4, 1024, 1024), (4096, 64, 64), (64, 4096, 64), (2048, 256, 1024), (1024, 2048, 256), (1024, 128, 384),
    (1024, 512, 128), (784, 128, 512), (256, 256, 256), (512, 512, 512), (64, 64, 64), (32, 32, 32), (16, 16, 16), (2048, 32, 2048), (1024, 16, 1024),
    (1000, 37, 53), (33, 65, 17), (7, 7, 7), (19, 190, 190), (70, 1000, 120), (150, 150, 150), (255, 257, 129), (1, 1000, 1000), (1, 4097, 33),
    (3, 515, 1023), (5, 100, 1000), (13, 1111, 77), (127, 127, 127), (511, 63, 9), (2049, 31, 130), (100, 3001, 50), (65, 4099, 65), (1021, 17, 3),
    (31, 2047, 31), (999, 999, 99), (97, 1, 97), (201, 10, 301), (1537, 129, 1), (3, 3, 3000), (59, 613, 409), (2708, 1433, 16), (16, 2708, 1433),
]
LAYERS = [(128, 784, 512), (128, 256, 10), (1024, 128, 512), (77, 333, 99)]  # examples, inputs, units

# Batch, size of the image, channels in and out, kernel, stride, padding, groups.
CONVOLUTIONS = [
    (128, 28, 1, 32, 3, 1, 1, 1), (32, 32, 3, 32, 3, 1, 1, 1), (4, 112, 3, 64, 7, 2, 3, 1), (16, 28, 1, 6, 5, 1, 2, 1),
    (128, 14, 32, 64, 3, 1, 1, 1), (32, 32, 32, 32, 3, 1, 1, 1), (32, 16, 64, 64, 3, 1, 1, 1), (32, 8, 128, 128, 3, 1, 1, 1),
    (8, 56, 64, 64, 3, 1, 1, 1), (8, 14, 256, 256, 3, 1, 1, 1), (1, 56, 64, 64, 3, 1, 1, 1),
    (32, 32, 32, 64, 3, 2, 1, 1), (32, 16, 64, 128, 3, 2, 1, 1), (32, 32, 32, 64, 1, 2, 0, 1),
    (8, 56, 64, 256, 1, 1, 0, 1), (8, 56, 256, 64, 1, 1, 0, 1), (8, 14, 256, 512, 1, 1, 0, 1),
    (16, 28, 16, 32, 5, 1, 2, 1), (16, 28, 6, 16, 5, 1, 0, 1), (8, 28, 32, 32, 7, 1, 3, 1),
    (8, 28, 128, 128, 3, 1, 1, 128), (8, 28, 96, 96, 5, 2, 2, 96), (16, 14, 240, 240, 3, 1, 1, 240), (8, 28, 64, 64, 3, 1, 1, 4),
    (5, 17, 7, 13, 3, 1, 1, 1), (3, 31, 19, 37, 5, 2, 2, 1), (9, 13, 33, 65, 1, 1, 0, 1), (2, 27, 48, 96, 3, 1, 0, 1),
]

LOSSES = [(128, 10), (2048, 96), (1024, 4096), (64, 32000), (1000, 37), (33, 1001)]
ROWS = [(2048, 768), (1024, 256), (1024, 128), (8192, 64), (1000, 250), (77, 1023)]
IMAGES = [(32, 32, 32), (32, 16, 64), (32, 8, 128), (8, 56, 64), (5, 17, 13)]  # batch, size, channels
MATRICES = [(25088, 64), (128, 512), (2048, 2048), (1000, 37), (7, 100003), (100003, 7)]
PREFIXES = [("rows", (64, 4096)), ("rows", (1, 1 << 20)), ("columns", (4096, 64)), ("columns", (333, 1001))]
WEIGHTS = [1000, 100003, 421642, 10000000]
ATTENTIONS = [(8, 4, 128, 32), (2, 8, 256, 64), (1, 4, 1024, 64), (4, 4, 65, 24), (32, 2, 50, 16)]  # batch, heads, positions, width
STEPS = [(32, 256, 256), (1, 128, 128), (20, 75, 150)]                                              # batch, inputs, units
SEQUENCES = [(64, 32, 256, 256), (16, 16, 64, 128), (50, 1, 128, 128), (20, 7, 50, 75)]             # steps, batch, inputs, units


def case(kind, name, operations, file, peer, results, **rest):
    return dict({"class": kind, "name": name, "operations": operations, "file": str(EQUATIONS / file), "peer": peer, "results": list(results)}, **rest)


def sizes(*numbers):
    return "x".join(map(str, numbers))


def products():
    for layout in ("NN", "NT", "TN"):
        for m, k, n in PRODUCTS:
            shapes = dict(a=[k, m] if layout[0] == "T" else [m, k], b=[n, k] if layout[1] == "T" else [k, n])
            yield case(f"gemm {layout}", f"gemm {layout} {sizes(m, k, n)}", 2 * m * k * n, "products.dlm", "matmul", ["y"], call=layout.lower(),
                       shapes=shapes, settings=dict(layout=layout))
    for m, k, n in LAYERS:
        yield case("gemm layer", f"layer {sizes(m, k, n)}", 2 * m * k * n, "products.dlm", "matmul", ["result"], call="layer_relu",
                   shapes=dict(x=[m, k], w=[n, k], bias=[n]))


def convolutions():
    for kind, result in (("forward", "y"), ("data", "grad/x"), ("weight", "grad/w")):
        for n, size, c, o, k, stride, pad, groups in CONVOLUTIONS:
            if kind == "data" and c in (1, 3):
                continue  # the gradient of an image is never asked for
            out = (size + 2 * pad - k) // stride + 1
            x, w, y = [n, size, size, c], [o, c // groups, k, k], [n, out, out, o]
            name = f"conv {kind} {n}x{size}x{size} {c}-{o} {k}x{k}" + (f" stride {stride}" if stride > 1 else "") + (
                " depthwise" if groups == c == o and c > 1 else f" {groups} groups" if groups > 1 else "")
            yield case(f"conv {kind}", name, 2 * n * out * out * o * (c // groups) * k * k, "convolutions.dlm", "convolution", [result], call="conv2d",
                       shapes=dict(x=x, w=w), set=dict(stride=stride, pad=pad), settings=dict(x=x, w=w, y=y, stride=stride, pad=pad))


def losses():
    for n, k in LOSSES:
        yield case("softmax", f"cross-entropy {sizes(n, k)}", 0, "rows.dlm", "cross_entropy", ["loss", "grad/z"], call="cross_entropy",
                   shapes=dict(z=[n, k], label=[n]))
        yield case("softmax", f"softmax {sizes(n, k)}", 0, "rows.dlm", "softmax", ["result"], call="softmax_rows", shapes=dict(z=[n, k]))


def norms():
    of_all = ["y", "grad/x", "grad/gain", "grad/shift"]
    for kind, results in (("forward", ["y"]), ("both", of_all)):
        for n, k in ROWS:
            yield case("layer norm", f"layer norm {kind} {sizes(n, k)}", 0, "rows.dlm", "layer_norm", results, call="layer_norm",
                       shapes=dict(x=[n, k], gain=[k], shift=[k]))
    for kind, results in (("forward", ["y"]), ("both", of_all)):
        for n, size, c in IMAGES:
            yield case("batch norm", f"batch norm {kind} {sizes(n, size, size, c)}", 0, "rows.dlm", "batch_norm", results, call="batch_norm",
                       shapes=dict(x=[n, size, size, c], gain=[c], shift=[c]))


def reductions():
    for of in ("sum", "max"):
        for over in ("rows", "columns", "all"):
            for n, k in MATRICES:
                yield case("reduction", f"{of} {over} {sizes(n, k)}", 0, "reductions.dlm", "reduction", ["y"], call=f"{of}_{over}", shapes=dict(x=[n, k]),
                           settings=dict(of=of, over=over))
    for over, (n, k) in PREFIXES:
        yield case("prefix", f"prefix {over} {sizes(n, k)}", 0, "reductions.dlm", "prefix", ["y"], call=f"prefix_{over}", shapes=dict(x=[n, k]),
                   settings=dict(over=over))


def optimizers():
    for size in WEIGHTS:
        yield case("optimizer", f"adam {size}", 0, "adam.dlm", "adam", ["w", "optimizer/m/w", "optimizer/v/w"], set=dict(size=size))
        yield case("optimizer", f"momentum {size}", 0, "momentum.dlm", "momentum", ["w", "optimizer/v/w"], set=dict(size=size))


def attentions():
    for b, h, t, d in ATTENTIONS:
        shapes = {name: [b, h, t, d] for name in "qkv"}
        once = 2 * b * h * t * t * d  # a product
        yield case("attention", f"attention forward {sizes(b, h, t, d)}", 2 * once, "sequences.dlm", "attention", ["y"], call="heads", shapes=shapes)
        yield case("attention", f"attention both {sizes(b, h, t, d)}", 6 * once, "sequences.dlm", "attention", ["y", "grad/q", "grad/k", "grad/v"],
                   call="heads", shapes=shapes)


def recurrences():
    within = [-0.1, 0.1]  # with larger weights a long sequence is chaotic, and a rounding grows with every step
    for n, k, u in STEPS:
        yield case("lstm", f"lstm step {sizes(n, k, u)}", 8 * n * u * (k + u), "sequences.dlm", "lstm", ["h_next", "c_next"], call="lstm_step",
                   within=within, shapes=dict(x=[n, k], h=[n, u], c=[n, u], w=[4, u, k], u=[4, u, u], b=[4, u]))
    for t, n, k, u in SEQUENCES:
        shapes, once = dict(xs=[t, n, k], w=[4, u, k], u=[4, u, u], b=[4, u]), 8 * t * n * u * (k + u)
        yield case("lstm", f"lstm forward {sizes(t, n, k, u)}", once, "sequences.dlm", "lstm", ["hs"], call="lstm", shapes=shapes, within=within)
        yield case("lstm", f"lstm both {sizes(t, n, k, u)}", 3 * once, "sequences.dlm", "lstm", ["hs", "grad/xs", "grad/w", "grad/u", "grad/b"],
                   call="lstm", shapes=shapes, within=within)


def elementwise():
    for function in ("relus", "gelus", "tanhs", "sigmoids", "exps", "logs"):
        for size in (32768, 1000003):
            yield case("elementwise", f"{function[:-1]} {size}", 0, "elementwise.dlm", "elementwise", ["result"], call=function, shapes=dict(x=[size]),
                       within=[0.01, 2] if function == "logs" else [-4, 4], settings=dict(function=function))
    for n, size, c in ((128, 28, 32), (128, 14, 64), (5, 15, 13)):
        for kind, results in (("forward", ["y"]), ("both", ["y", "grad/x"])):
            yield case("max pool", f"max pool {kind} {sizes(n, size, size, c)}", 0, "elementwise.dlm", "max_pool", results, call="max_pool2",
                       shapes=dict(x=[n, size, size, c]))


CASES = [c for make in (products, convolutions, losses, norms, reductions, optimizers, attentions, recurrences, elementwise) for c in make()]
CLASSES = list(dict.fromkeys(c["class"] for c in CASES))


def elements(c):
    """Of all operands."""
    return sum(map(prod, c["shapes"].values())) if "shapes" in c else c["set"]["size"]
