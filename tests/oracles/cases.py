"""What is computed on both sides: a function of the library, its settings, its arrays, and the same in PyTorch.

A row of a table is `row(function, reference, case, …)`; a case gives each tensor by a `Spec` and each static by its value, by the names
that the library declares.  The reference takes all of them by name, tensors as f64, and returns the results in the order of their
declaration, or by their names where states are among them.  Nothing here needs more than Python.
"""

import math
import struct
import zlib
from typing import Callable, NamedTuple

import arrays
from sequences import numbers


class Spec(NamedTuple):
    """Random numbers, uniform in [lo, hi) and no nearer to one of `away` than 1/16, or integers in [lo, hi); or the values given."""

    kind: str  # "real", "fixed" and "bits", reals that are not differentiated, "integer", or "bool"
    shape: tuple
    lo: float = -1.0
    hi: float = 1.0
    away: tuple = ()
    values: tuple = None

    def make(self, seed):
        count = math.prod(self.shape)
        dtype = {"integer": "i64", "bool": "bool"}.get(self.kind, "f64")
        if self.values is not None:
            return arrays.array(list(self.values), dtype, self.shape)
        share = [(u + 1) / 2 for u in numbers(seed, count)]
        if self.kind in ("integer", "bits", "bool"):
            return arrays.array([self.lo + int(u * (self.hi - self.lo)) for u in share], dtype, self.shape)
        out = []
        for value in (self.lo + u * (self.hi - self.lo) for u in share):
            for kink in self.away:
                if abs(value - kink) < 1 / 16:
                    value += math.copysign(1 / 16, value - kink)
            out.append(struct.unpack("f", struct.pack("f", value))[0])  # the same number in f32 and f64
        return arrays.array(out, "f64", self.shape)


def real(*shape, lo=-1.0, hi=1.0, away=(), values=None):
    return Spec("real", shape, lo, hi, tuple(away), None if values is None else tuple(values))


def positive(*shape, lo=0.25, hi=2.0):
    return Spec("real", shape, lo, hi)


def fixed(*shape, lo=-1.0, hi=1.0, values=None):
    """What is not differentiated: a state, a label."""
    return Spec("fixed", shape, lo, hi, (), None if values is None else tuple(values))


def bits(*shape):
    """0 or 1, as reals."""
    return Spec("bits", shape, 0, 2)


def mask(*shape):
    return Spec("bool", shape, 0, 2)


def integer(*shape, lo=0, hi=None, values=None):
    return Spec("integer", shape, lo, hi, (), None if values is None else tuple(values))


class Code(str):
    """A static written in the language: a function or a list of them."""


def literal(value):
    """A static as the language writes it."""
    if isinstance(value, Code):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value + '"'
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(literal(v) for v in value) + "]"
    return repr(value)


class Case(NamedTuple):
    tensors: dict  # name -> Spec
    statics: dict  # name -> value
    train: bool = False

    def inputs(self, seed, key):
        """{name: Array}; `key` tells one row's numbers from another's."""
        return {name: spec.make(mixed(seed, key, name)) for name, spec in self.tensors.items()}

    def smooth(self):
        """The names of what is differentiated."""
        return [name for name, spec in self.tensors.items() if spec.kind == "real"]


def mixed(seed, *words):
    return seed + zlib.crc32("/".join(words).encode())


def case(tensors=(), train=False, **named):
    """Tensors and statics by their names; `tensors` holds those whose name is no word of Python's."""
    both = {**dict(tensors), **named}
    return Case({k: v for k, v in both.items() if isinstance(v, Spec)}, {k: v for k, v in both.items() if not isinstance(v, Spec)}, train)


class Row(NamedTuple):
    function: str
    reference: Callable
    cases: tuple
    order: int = 2  # up to which derivative; 0 where nothing is differentiable
    drawn: bool = False  # the reference takes what the library drew as `drawn`, {result: tensor}, and says how derivatives depend on it
    program: str = None  # a program whose `main` is called, for a function that takes values and their inputs


def row(function, reference, *cases, order=2, drawn=False, program=None):
    return Row(function, reference, cases, order, drawn, program)
