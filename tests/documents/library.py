#!/usr/bin/env python3
"""Holds docs/library.md against the standard library, of which it is generated, and the library against the rule that everything in it that
others can use is documented.  With DLC_UPDATE_GOLDEN=1 the page is written anew.   usage: library.py DLC
"""
import difflib, json, os, subprocess, sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(TOP, "docs", "library.md")


def explain(dlc, *words):
    environment = dict(os.environ, DLC_STD=os.path.join(TOP, "dsl", "std"))
    return subprocess.run([dlc, "explain", "std", *words], env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


def undocumented(modules):
    for module in modules:
        if not module["doc"]:
            yield f"{module['path']}: opens with no comment that says what it holds"
        for d in module["declarations"]:
            if not d["doc"].strip():
                yield f"{d['path']}:{d['line']}: `{d['name']}` has no `##` comment"


def main():
    dlc = os.path.abspath(sys.argv[1])
    findings = list(undocumented(json.loads(explain(dlc, "--json"))["modules"]))
    fresh = explain(dlc, "--markdown")
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
