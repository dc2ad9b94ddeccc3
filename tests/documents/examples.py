#!/usr/bin/env python3
"""Runs the examples of the standard library.

An example is the last paragraph of a doc comment, each line behind four blanks.  It sees the module and what that brings, as in a `test`:

    y = relu([-1.0, 2.0])               a statement is one of the test
    relu([-1.0, 2.0]) == [0.0, 2.0]     a comparison holds: exactly, for the same shape where the right side is a list
    sigmoid(1.0) ≈ 0.7311               to half a unit of the last digit shown, and to 0.0005 at the least
    train { optimizer = adam() }        is the recipe of a model that imports the module, whose step is compiled

A line that begins farther right continues the one before.   usage: examples.py DLC
"""
import json, os, re, subprocess, sys, tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIBRARY = dict(os.environ, DLC_STD=os.path.join(TOP, "dsl", "std"), NO_COLOR="1")

MODEL = """import "{module}"
model Bowl() {{
  input x: f[Batch]
  param point: f[2] ~ ones
  loss value = sum(point^2) + mean(x)
}}
{train}
"""


def run(dlc, *words):
    return subprocess.run([dlc, *words], env=LIBRARY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def modules(dlc):
    return json.loads(run(dlc, "explain", "std", "--json").stdout)["modules"]


def example(declaration):
    """The lines of a declaration's example; none where it has none."""
    paragraph = declaration["doc"].split("\n\n")[-1].split("\n")
    if not all(line.startswith("    ") for line in paragraph):
        return []
    return re.sub(r"\n +", " ", "\n".join(line[4:] for line in paragraph)).split("\n")


def comparison(line):
    """The operator of the comparison that a line is, and where it stands: `and` or `or` of several; empty for a statement."""
    depth, operator, at = 0, "", 0
    for token in re.finditer(r'"[^"]*"|[(\[]|[)\]]|\b(?:and|or)\b|==|!=|<=|>=|<-|\|>|≈|[<>]', line):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token[0], 0)
        if depth == 0 and token[0] in ("and", "or"):
            return token[0], token.start()
        if depth == 0 and not operator and token[0] in ("==", "!=", "<=", ">=", "<", ">", "≈"):
            operator, at = token[0], token.start()
    return operator, at


def in_a_test(line):
    """The line as statements of a test."""
    operator, at = comparison(line)
    if not operator:
        return [line]
    left, right = line[:at].strip(), line[at + len(operator) :].strip()
    if operator == "≈":
        digits = max((len(d) for d in re.findall(r"\.(\d+)", right)), default=0)
        checks = [f"assert all(abs(({left}) - ({right})) <= {min(0.5 * 10**-digits, 0.0005):.10f})"]
    elif operator == "==":
        checks = [f"assert all(({left}) == ({right}))"]
    else:
        return [f"assert all({line})"]
    if right.startswith("[") and not left.startswith("shape("):
        checks.append(f"assert shape({left}) == shape({right})")
    return checks


def failures(dlc, folder, module):
    tests = [f'import "{module["name"]}"']
    for d in module["declarations"]:
        lines = example(d)
        recipes = [line for line in lines if line.startswith("train ")]
        for recipe in recipes:
            path = os.path.join(folder, d["name"] + ".dlm")
            open(path, "w").write(MODEL.format(module=module["name"], train=recipe.replace("{", "{ batch = 1 ", 1)))
            answer = run(dlc, "explain", path, "--stage", "simplified")
            if answer.returncode != 0:
                yield f"{d['path']}:{d['line']}: the example of `{d['name']}`\n{answer.stdout}"
        tests.append(f'test "{d["kind"]} {d["name"]}" {{')
        tests += ["  " + statement for line in lines if line not in recipes for statement in in_a_test(line)]
        tests.append("}")
    path = os.path.join(folder, module["name"].replace("/", "_") + ".dlm")
    open(path, "w").write("\n".join(tests) + "\n")
    answer = run(dlc, "test", "--quiet", path)
    if answer.returncode != 0:
        yield f"{module['path']}: an example\n{answer.stdout}"


def main():
    dlc = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        found = [f for module in modules(dlc) for f in failures(dlc, folder, module)]
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
