"""What a benchmark ran on, and of which commit."""
import os, pathlib, platform, subprocess

TOP = pathlib.Path(__file__).resolve().parent.parent.parent


def git(*words):
    run = subprocess.run(["git", "-C", str(TOP), *words], capture_output=True, text=True)
    return run.stdout.strip() if run.returncode == 0 else ""


def processor():
    with open("/proc/cpuinfo") as file:
        facts = dict(line.split(":", 1) for line in file.read().split("\n\n")[0].splitlines() if ":" in line)
    facts = {key.strip(): value.strip() for key, value in facts.items()}
    widest = next((name for name in ("avx512f", "avx2") if name in facts.get("flags", "").split()), "")
    return dict(processor=facts.get("model name", platform.machine()), family=facts.get("cpu family"), number=facts.get("model"), vectors=widest)


def load():
    return round(os.getloadavg()[0], 2)


def versions():
    return {"python": platform.python_version(), "linux": platform.release()}
