"""What each model of bench/models is trained on: inputs and targets by name, the same for dlc and its peers.

Random, from a fixed seed: time does not depend on the values, and agreement is held on any.  Made with the standard library alone.
"""
import array, math, random
from steps.tensors import Tensor, tensor


def reals(source, *shape):
    """In [0, 1], in steps of 1/256 as the pixels of an image are."""
    return Tensor("F32", shape, array.array("f", [byte / 256 for byte in source.randbytes(math.prod(shape))]))


def below(source, bound, *shape):
    return tensor("I32", shape, [source.randrange(bound) for _ in range(math.prod(shape))])


def images(source, batch, *shape):
    return {"image": reals(source, batch, *shape), "label": below(source, 10, batch)}


def text(source, batch, window, symbols=96):
    return {"text": below(source, symbols, batch, window), "next": below(source, symbols, batch, window)}


def graph(source, nodes=2708, edges=10556, words=1433, classes=7):
    """A graph of the size of Cora (Sen et al. 2008): both directions of each edge, none twice, none from a node to itself."""
    pairs = set()
    while len(pairs) < edges // 2:
        a, b = sorted(source.sample(range(nodes), 2))
        pairs.add((a, b))
    both = sorted(pairs | {(b, a) for a, b in pairs})
    return {"features": reals(source, 1, nodes, words), "from": tensor("I32", (1, edges), [a for a, _ in both]),
            "to": tensor("I32", (1, edges), [b for _, b in both]), "label": below(source, classes, 1, nodes)}


CASES = {
    "mlp": lambda source: {"x": reals(source, 128, 784), "label": below(source, 10, 128)},
    "lenet": lambda source: images(source, 128, 28, 28),
    "resnet": lambda source: images(source, 32, 3, 32, 32),
    "lstm": lambda source: text(source, 32, 64),
    "gpt": lambda source: text(source, 8, 128),
    "gcn": graph,
}


def data(name):
    return CASES[name](random.Random(name))
