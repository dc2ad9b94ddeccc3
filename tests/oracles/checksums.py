"""Results as a few numbers: what a reference file holds, so that the comparison needs neither PyTorch nor much space.

An array becomes its product with fixed numbers in [-1, 1) and its length: one wrong element moves the first by about as much.
"""

import math

from cases import Case, Code, Spec, literal, mixed, real
from sequences import numbers


def checksum(key, values):
    """[product, length] of a flat list; numbers that are not finite count as their sign."""
    values = [v if math.isfinite(v) else math.copysign(1, v) for v in map(float, values)]
    return [math.fsum(a * b for a, b in zip(values, numbers(mixed(0, key), len(values)))), math.hypot(*values) if values else 0.0]


def distance(got, wanted):
    """How far two checksums are apart, of the length (of 1 where it is shorter)."""
    return max(abs(g - w) for g, w in zip(got, wanted)) / max(wanted[1], 1)


def entry(declaration, row, case, key, shapes, expected):
    """A case and its results for a reference file."""
    given = {"file": declaration.file, "function": row.function, "key": key, **({"program": row.program} if row.program else {})}
    return {
        **given,
        "tensors": {name: written(spec) for name, spec in case.tensors.items()},
        "statics": {name: literal(value) for name, value in case.statics.items()},
        "cotangents": {name: list(shape) for name, shape in shapes.items()},
        "results": {name: checksum(name, value.detach().flatten().tolist()) for name, value in expected.items()},
    }


def written(spec):
    """A Spec as a list, without the fields at the end that are what they are without saying."""
    fields = list(spec)
    while len(fields) > 2 and fields[-1] == Spec._field_defaults[Spec._fields[len(fields) - 1]]:
        fields.pop()
    return fields


def specs(lists):
    """{name: Spec} of what `written` gave."""
    return {name: Spec(kind, tuple(shape), *rest) for name, (kind, shape, *rest) in lists.items()}


def read(entry):
    """The case of an entry and its cotangents."""
    return Case(specs(entry["tensors"]), {name: Code(text) for name, text in entry["statics"].items()}), {
        name: real(*shape) for name, shape in entry["cotangents"].items()
    }
