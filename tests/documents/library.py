#!/usr/bin/env python3
"""Holds docs/library.md against the standard library, of which it is generated, and the library against the rule that everything in it that
others can use has a doc comment, an example at its end (see examples.py, which runs it) and a test: a `test` of tests/std calls it, or a
declaration of the test's file does for the test.  A call is one of the syntax tree, as `dlc explain --json` lists it: `f(…)`, `x |> f`, `f[i](…)`,
behind the `~` of a parameter, or an optimizer given to `minimize`.  With DLC_UPDATE_GOLDEN=1 the page is written anew.

usage: library.py DLC
"""
import difflib, glob, json, os, sys

sys.dont_write_bytecode = True
from examples import TOP, example, modules, run

PAGE = os.path.join(TOP, "docs", "library.md")


def undocumented(library):
    for module in library:
        if not module["doc"]:
            yield f"{module['path']}: opens with no comment that says what it holds"
        for d in module["declarations"]:
            if not d["doc"].strip():
                yield f"{d['path']}:{d['line']}: `{d['name']}` has no `##` comment"
            elif not example(d):
                yield f"{d['path']}:{d['line']}: the `##` comment of `{d['name']}` does not end with an example"


def untested(dlc, library):
    called = set()
    for file in sorted(glob.glob(os.path.join(TOP, "tests", "std", "*.dlm"))):
        module = json.loads(run(dlc, "explain", file, "--stage", "docs", "--json").stdout)["module"]
        called.update(use for test in module["tests"] for use in test["uses"])
    for module in library:
        for d in module["declarations"]:
            if f"{d['name']} ({module['name']})" not in called:
                yield f"{d['path']}:{d['line']}: no test of tests/std calls `{d['name']}`"


def main():
    dlc = os.path.abspath(sys.argv[1])
    library = modules(dlc)
    findings = [*undocumented(library), *untested(dlc, library)]
    fresh = run(dlc, "explain", "std", "--markdown").stdout
    page = open(PAGE).read() if os.path.exists(PAGE) else ""
    if fresh != page and os.environ.get("DLC_UPDATE_GOLDEN"):
        with open(PAGE, "w") as file:
            file.write(fresh)
        print(f"{PAGE}: updated")
    elif fresh != page:
        findings.append(f"{PAGE} is stale: DLC_UPDATE_GOLDEN=1 ctest -R documents.library writes it anew\n"
                        + "\n".join(difflib.unified_diff(page.split("\n"), fresh.split("\n"), "page", "library", lineterm="", n=1)))
    if findings:
        sys.exit("\n".join(findings))


main()
