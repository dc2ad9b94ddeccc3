#!/usr/bin/env python3
"""Holds every public function and layer of dsl/std against PyTorch: values, first and second derivatives, in f64 and f32.

usage: functions.py DLC [NAME …]      of NAME alone, a function or a file such as nn/conv.dlm
       functions.py DLC --scatter     how each gradient is computed: gather, segmented sum or scatter
       functions.py DLC --write       the numbers for tests/cli/oracles_test.py, which needs no PyTorch: functions.json
Exit status 1 where something differs, or where a function has no row in `tables`.
"""

import argparse
import concurrent.futures
import json
import os
import sys

sys.dont_write_bytecode = True
import library
import checksums
import scatter
import tables
import torch
from compare import Comparison, TOLERANCE

KINDS = ("f64", "f64 second", "f32")


def chosen(names):
    """(Declaration, Row) of everything named, all without names."""
    known = library.public()
    for file, module in tables.modules().items():
        for row in module.TABLE:
            if (file, row.function) in known and (not names or row.function in names or file in names):
                yield known[file, row.function], row


def comparisons(command, declaration, row, seed):
    for i, case in enumerate(row.cases):
        yield case, lambda case=case, i=i: Comparison(command, declaration, row, case, seed, f"{declaration.file}/{row.function}/{i}")


def held(command, declaration, row, seed):
    """The worst error of each kind, and a line for each thing that differs."""
    worst, lines = dict.fromkeys(KINDS), []
    for case, compared in comparisons(command, declaration, row, seed):
        settings = ", ".join([f"{k} {list(s.shape)}" for k, s in case.tensors.items()] + [f"{k} = {v}" for k, v in case.statics.items()])
        where = f"{declaration.file}: {row.function}({settings})"
        try:
            c = compared()
            runs = {"f64": lambda: c.first("f64"), "f64 second": lambda: c.second("f64"), "f32": lambda: c.first("f32")}
        except Exception as problem:
            lines.append(f"{where}: {type(problem).__name__}: {problem}")
            continue
        for kind, run in runs.items():
            try:
                errors = run()
            except Exception as problem:
                lines.append(f"{where}, {kind}: {type(problem).__name__}: {problem}")
                continue
            for name, error in errors.items():
                worst[kind] = max(worst[kind] or 0.0, error)
                if not error <= TOLERANCE[kind[:3]]:
                    lines.append(f"{where}, {kind}: {name} differs by {error:.2e}")
    return worst, lines


def compare(arguments):
    rows = list(chosen(arguments.names))
    width = max((len(row.function) for _, row in rows), default=0)
    print(f"seed {arguments.seed}; largest relative errors\n{'':{width}}  " + "".join(f"{kind:12}" for kind in KINDS))
    problems = []
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        work = [pool.submit(held, arguments.dlc, declaration, row, arguments.seed) for declaration, row in rows]
        for (declaration, row), done in zip(rows, work):
            worst, lines = done.result()
            print(
                f"{row.function:{width}}  "
                + "".join("-           " if worst[k] is None else f"{worst[k]:<12.1e}" for k in KINDS)
                + declaration.file
                + ("  DIFFERS" if lines else ""),
                flush=True,
            )
            problems += lines
    return problems


def list_scatters(arguments):
    """The table of gradients, and a line for each that is an affine scatter."""
    problems = []
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:

        def forms(declaration, row):
            for case, compared in comparisons(arguments.dlc, declaration, row, arguments.seed):
                c = compared()
                if c.smooth and not row.program:
                    return scatter.forms(arguments.dlc, declaration, case, c.shapes)
            return {}

        rows = list(chosen(arguments.names))
        work = [pool.submit(forms, *pair) for pair in rows]
        for (declaration, row), done in zip(rows, work):
            for name, (form, where) in done.result().items():
                print(f"{declaration.file:22} {row.function:28} {name:28} {form}{'  ' + where if where else ''}", flush=True)
                if form == scatter.AFFINE:
                    problems.append(f"{declaration.file}: the gradient of {row.function} by {name} is an affine scatter: {where}")
    return problems


def write(arguments):
    """functions.json: of each function the first case that draws nothing."""
    entries, reasons = {}, exempt()
    for declaration, row in chosen(()):
        at = (declaration.file, row.function)
        for case, compared in comparisons(arguments.dlc, declaration, row, arguments.seed):
            if at not in entries and not case.train and not row.drawn:
                c = compared()
                entries[at] = checksums.entry(declaration, row, case, c.key, c.shapes if c.smooth else {}, c.expected())
                reasons.pop(at, None)
        if at not in entries:
            reasons[at] = "draws random numbers; functions.py takes them from the result"
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "functions.json")
    with open(path, "w", encoding="utf-8") as file:
        head = {
            "pytorch": torch.__version__,
            "seed": arguments.seed,
            "exempt": [{"file": f, "function": name, "reason": why} for (f, name), why in reasons.items()],
        }
        file.write(json.dumps(head)[:-1] + ', "functions": [\n' + ",\n".join(json.dumps(entry) for entry in entries.values()) + "\n]}\n")
    return []


def exempt():
    return {(file, name): why for file, module in tables.modules().items() for name, why in getattr(module, "EXEMPT", {}).items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("dlc")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--scatter", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-j", "--jobs", type=int, default=2)
    arguments = parser.parse_intermixed_args()
    arguments.dlc = os.path.abspath(arguments.dlc)
    problems = (list_scatters if arguments.scatter else write if arguments.write else compare)(arguments)
    if not arguments.names:
        rows = {(file, row.function) for file, module in tables.modules().items() for row in module.TABLE}
        problems += library.missing(rows, exempt())
    print("\n".join(problems), file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
