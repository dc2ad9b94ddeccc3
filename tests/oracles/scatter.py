"""How the compiler computes the gradient by each tensor, read off `dlc grad`, which prints it in the language.

A gather is an equation: each element is written once.  A scatter, `+=`, adds at positions; it is a segmented sum where an array of integers
names the position of whole rows, as in an embedding.  No scatter whose positions are affine in the indices may be left.
"""

import re

import programs
import runs

GATHER, SEGMENTS, SCATTER, AFFINE = "gather", "segmented sum", "scatter", "affine scatter"
_ORDER = [GATHER, SEGMENTS, SCATTER, AFFINE]


def statements(text):
    """[(name, positions or None, operator, statement)] of a printed function; what stands in a loop counts like what stands outside."""
    found = []
    for statement in re.split(r"\n\s+(?=[a-z]\w*(?:\[[^\n]*?\])?(?:, \w+)* (?:=|\+=|max=|min=)(?:\s|$))", text):
        head = re.match(r"\s*((?:\w+)(?:, \w+)*)(?:\[(.*?)\])? (=|\+=|max=|min=)(?=\s)", statement.split("\n")[0] + " ")
        if head:
            for name in head[1].split(", "):
                found.append((name, head[2], head[3], statement))
    if sum(operator != "=" for _, _, operator, _ in found) != len(re.findall(r" (?:\+=|max=|min=)(?=\s)", text)):
        raise runs.Failed("a scatter was not understood:\n" + text)
    return found


def form(positions):
    """Of the positions of a scatter, without the bounds behind `|`."""
    parts, depth, start = [], 0, 0
    positions = positions.split(" | ")[0]
    for i, letter in enumerate(positions + ","):
        depth += {"[": 1, "(": 1, "]": -1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append(positions[start:i].strip())
            start = i + 1
    data = [part for part in parts if "[" in part]
    if not data:
        return AFFINE
    whole = {part[1:-1] for part in parts if re.fullmatch(r"\(\w+\)", part)}  # indices that stand for themselves
    inner = re.fullmatch(r"\w+\[([\w, ]*)\]", data[0])
    rows = len(data) == 1 and len(whole) == len(parts) - 1 and inner and not whole & set(inner[1].split(", "))
    return SEGMENTS if rows else SCATTER


def forms(command, declaration, case, shapes):
    """{tensor: (form, the statement that decides it)} of all gradients; a gradient is what the worst of the adjoints it is made of is."""
    with runs.written(programs.model(declaration, case, shapes)) as file:
        text = runs.dlc(command, "grad", file)
    written = statements(text)
    uses = {}
    for name, positions, operator, statement in written:
        uses.setdefault(name, []).append((positions, operator, statement))
    result = {}
    for name in [n for n in uses if n.startswith("grad_")]:
        seen, open_names, worst = set(), [name], (GATHER, "")
        while open_names:
            at = open_names.pop()
            if at in seen:
                continue
            seen.add(at)
            for positions, operator, statement in uses.get(at, []):
                if operator != "=":
                    worst = max(worst, (form(positions), " ".join(statement.split())), key=lambda w: _ORDER.index(w[0]))
                open_names += [word for word in re.findall(r"\w+", statement) if word in uses and word.startswith(("d_", "grad_"))]
        result[name[len("grad_") :]] = worst
    return result
