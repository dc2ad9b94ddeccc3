"""The public functions and layers that the files of dsl/std declare."""

import os
import re
import sys
from typing import NamedTuple

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STD = os.path.join(TOP, "dsl", "std")
sys.path.insert(0, os.path.join(TOP, "tests", "cli"))


class Declaration(NamedTuple):
    file: str  # below dsl/std, as in nn/conv.dlm
    kind: str  # "fn" or "layer"
    name: str
    elements: dict  # parameter -> what its type begins with: f, i64, int, fn …
    results: list  # their names; "result" where they have none


def closing(text, at):
    """The position of the bracket that closes the one at `at`."""
    depth = 0
    for i in range(at, len(text)):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(text[i], 0)
        if depth == 0:
            return i
    raise ValueError("a bracket is open")


def results(text):
    """The names of the results of the first function in a text."""
    return _results(text, closing(text, text.index("(")))


def _results(text, end):
    named = re.match(r"\s*->\s*([\w, ]+?)\s*[={]", text[end + 1 :])
    return named[1].split(", ") if named else ["result"]


def declarations(path):
    """The public declarations of one file, in their order."""
    with open(path) as file:
        text = file.read()
    found = []
    for head in re.finditer(r"^(fn|layer) ([a-z]\w*)\(", text, re.M):
        end = closing(text, head.end() - 1)
        elements = dict(re.findall(r"(\w+): ([a-z]\w*)", text[head.end() : end]))
        found.append(Declaration(os.path.relpath(path, STD), head[1], head[2], elements, _results(text, end)))
    return found


def files():
    """The files of the library, relative to dsl/std."""
    return sorted(
        os.path.relpath(os.path.join(folder, name), STD) for folder, _, names in os.walk(STD) for name in names if name.endswith(".dlm")
    )


def public():
    """{(file, name): Declaration} of the whole library."""
    return {(d.file, d.name): d for name in files() for d in declarations(os.path.join(STD, name))}


def missing(rows, exempt):
    """What of the library has neither a row nor a reason, and what of those the library does not have; both as lines."""
    known = public()
    lines = [f"{file}: {name} has no row" for file, name in known if (file, name) not in rows and (file, name) not in exempt]
    return lines + [f"{file}: {name} is not in the library" for file, name in [*rows, *exempt] if (file, name) not in known]
