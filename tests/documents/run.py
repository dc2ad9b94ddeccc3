#!/usr/bin/env python3
"""Runs what a Markdown page shows.

    ```dlm       on a page docs/errors/E0203.md: `dlc check` reports exactly that code; elsewhere: it reports nothing, and its tests pass
    ```dlm NAME.dlm   is left under that name in the folder of the commands
    ```dlm fragment   is only parsed, inside a function's braces where it is no file by itself
    ```console needs WHAT   is passed over, and said to be, where `dlc doctor` does not find WHAT
    ```console   lines after `$ ` are commands, run in order in a folder that looks like the top of the tree (what they write does not land
                 in it); the other lines are what they print, where `…` stands for anything.  `[exit 1]` as the last line is the exit status (default 0).

usage: run.py DLC FILE.md
"""
import json, os, re, subprocess, sys, tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def blocks(text):
    return [(m[1], m[2].strip(), m[3], text[: m.start()].count("\n") + 1) for m in re.finditer(r"^```(\w+) ?(.*)\n((?:.*\n)*?)```$", text, re.M)]


def matches(expected, actual):
    pattern = "".join(".*" if p == "…" else re.escape(p) for p in re.split("(…)", expected.strip("\n")))
    return re.fullmatch(pattern, actual.strip("\n"), re.S) is not None


def main():
    dlc, path = os.path.abspath(sys.argv[1]), sys.argv[2]
    environment = dict(os.environ, PATH=os.path.dirname(dlc) + ":" + os.environ["PATH"], NO_COLOR="1")
    code = re.match(r"(E\d{4})\.md", os.path.basename(path))
    failures, ran = [], 0
    with tempfile.TemporaryDirectory() as temporary:
        environment["DLC_DOC_TMP"] = temporary
        here = os.path.join(temporary, "tree")
        os.mkdir(here)
        for entry in os.listdir(TOP):
            if entry not in ("runs", "build", ".git"):
                os.symlink(os.path.join(TOP, entry), os.path.join(here, entry))

        def execute(command, **more):
            return subprocess.run(command, shell=True, cwd=here, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=540, **more)

        def found(what):
            return any(f["what"] == what and f["state"] == "ok" for f in json.loads(execute("dlc doctor --json").stdout)["findings"])

        for language, mode, body, line in blocks(open(path).read()):
            if language == "dlm":
                file = os.path.join(here, mode) if mode.endswith(".dlm") else os.path.join(temporary, f"block{line}.dlm")
                open(file, "w").write(f"fn fragment() {{\n{body}}}\n" if mode == "fragment" else body)
                run = execute(f"dlc {'fmt --stdout' if mode == 'fragment' else 'check'} {file}")
                ran += 1
                reported = set(re.findall(r"\b(?:error|warning)\[(E\d{4})\]", run.stdout))
                expected = {code[1]} if code else set()
                if reported != expected or (run.returncode == 0) != (not expected):
                    failures.append(f"{path}:{line}: reports {sorted(reported) or 'nothing'} (exit {run.returncode}), not {sorted(expected) or 'nothing'}\n{run.stdout}")
                elif not code and mode != "fragment" and re.search(r"^test ", body, re.M):
                    run = execute(f"dlc test {file}")
                    if run.returncode != 0:
                        failures.append(f"{path}:{line}: a test fails\n{run.stdout}")
            elif language == "console" and mode.startswith("needs ") and not found(mode[len("needs ") :]):
                print(f"{path}:{line}: not run, since `dlc doctor` does not find {mode[len('needs '):]}")
            elif language == "console":
                steps = re.split(r"^\$ ", body, flags=re.M)[1:]
                for step in steps:
                    command, _, expected = step.partition("\n")
                    status = re.search(r"^\[exit (\d+)\]\n?\Z", expected, re.M)
                    expected = expected[: status.start()] if status else expected
                    run = execute(command)
                    ran += 1
                    if run.returncode != int(status[1] if status else 0) or not matches(expected, run.stdout):
                        failures.append(f"{path}:{line}: `{command}` exits with {run.returncode} and prints\n{run.stdout}--- expected\n{expected}")
    if code and not ran:
        failures.append(f"{path}: shows no example that fails")
    if failures:
        sys.exit("\n".join(failures))


main()
