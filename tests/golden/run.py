#!/usr/bin/env python3
"""Runs one golden test: a .dlm file that says in comments what to run and what to see.

    # RUN: dlc explain --stage simplified %s      the command; %s is the file, %t a temporary folder
    # EXIT: 1                                     its exit status (default 0)
    # COUNT: mul 0                                how often a word occurs in the output
    # HAS: sum[784]                               a text the output contains, in this order
    # OUT: …                                      the whole output, line by line, after the last comment of another kind

With DLC_UPDATE_GOLDEN=1 the numbers of COUNT and the lines of OUT are written anew.   usage: run.py DLC FILE
"""
import difflib, os, re, subprocess, sys, tempfile


def main():
    dlc, path = sys.argv[1:3]
    text = open(path).read()
    commands = re.findall(r"^# RUN: (.*)$", text, re.M)
    wanted = int((re.findall(r"^# EXIT: (\d+)$", text, re.M) or ["0"])[0])
    assert commands, f"{path}: no RUN line"
    environment = dict(os.environ, PATH=os.path.dirname(os.path.abspath(dlc)) + ":" + os.environ["PATH"], NO_COLOR="1")
    folder, name = os.path.split(os.path.abspath(path))
    output = ""
    with tempfile.TemporaryDirectory() as temporary:
        for i, command in enumerate(commands):
            command = command.replace("%s", name).replace("%t", temporary)
            run = subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
            expected = wanted if i == len(commands) - 1 else 0
            if run.returncode != expected:
                sys.exit(f"{path}: `{command}` exits with {run.returncode}, not {expected}\n{run.stdout}{run.stderr}")
            output = (run.stdout + run.stderr).replace(temporary, "%t")
    moved, missing, fresh = [], [], text

    def count(word):
        return len(re.findall(r"(?<![\w])" + re.escape(word) + r"(?![\w])", output))

    for word, expected in re.findall(r"^# COUNT: (.+) (\d+)$", text, re.M):
        if count(word) != int(expected):
            moved.append(f"`{word}` occurs {count(word)} times, not {expected}")
    fresh = re.sub(r"^# COUNT: (.+) (\d+)$", lambda m: f"# COUNT: {m[1]} {count(m[1])}", fresh, flags=re.M)
    at = 0
    for piece in re.findall(r"^# HAS: (.*)$", text, re.M):
        found = output.find(piece, at)
        if found < 0:
            missing.append(f"`{piece}` is missing" + (" after what precedes it" if piece in output else ""))
        else:
            at = found + len(piece)
    lines = re.findall(r"^# OUT:(.*)$", text, re.M)
    golden = [l[1:] if l.startswith(" ") else l for l in lines]
    actual = output.rstrip("\n").split("\n")
    if lines and golden != actual:
        written = "\n".join(("# OUT: " + l).rstrip() for l in actual)
        first = fresh.index("# OUT:")
        fresh = fresh[:first] + written + "\n" + re.sub(r"^# OUT:.*\n?", "", fresh[first:], flags=re.M)
        moved.append("\n".join(difflib.unified_diff(golden, actual, "expected", "actual", lineterm="")))
    if os.environ.get("DLC_UPDATE_GOLDEN") and fresh != text:
        open(path, "w").write(fresh)
        print(f"{path}: updated")
        moved = []
    if moved or missing:
        sys.exit(f"{path}:\n" + "\n".join(moved + missing) + "\n--- output\n" + output)


main()
