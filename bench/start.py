#!/usr/bin/env python3
"""From source to the first training step, cold (an empty kernel cache) and from the cache, and `dlc check`; minima of repeated runs.

usage: bench/start.py [--build build/release] [--model bench/models/lenet.dlm] [--repeat 5]
"""
import argparse, json, os, pathlib, subprocess, sys, tempfile, time

TOP = pathlib.Path(__file__).resolve().parent.parent


def first_step(build, model, cache, threads):
    """Seconds until the process has printed the time of its first step, and what it says of the compilation."""
    start = time.perf_counter()
    run = subprocess.run([TOP / build / "step_server", TOP / model, str(threads), "f32"], input="1\n", text=True, stdout=subprocess.PIPE, check=True,
                         env=dict(os.environ, XDG_CACHE_HOME=cache))
    facts = json.loads(run.stdout.splitlines()[0])
    return time.perf_counter() - start, facts


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", default="build/release")
    p.add_argument("--model", default="bench/models/lenet.dlm")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--repeat", type=int, default=5)
    a = p.parse_args()
    cold, warm, check = [], [], []
    for _ in range(a.repeat):
        with tempfile.TemporaryDirectory() as cache:
            cold.append(first_step(a.build, a.model, cache, a.threads)[0])
            seconds, facts = first_step(a.build, a.model, cache, a.threads)
            assert facts["from_cache"] > 0, "nothing came from the cache"
            warm.append(seconds)
        start = time.perf_counter()
        subprocess.run([TOP / a.build / "dlc", "check", "-q", TOP / a.model], check=True)
        check.append(time.perf_counter() - start)
    print(f"{a.model}, {a.threads} threads, {a.repeat} repeats, minimum (maximum):")
    for name, times in (("source to first step, cold", cold), ("source to first step, from the cache", warm), ("dlc check", check)):
        print(f"  {name:<38} {1e3 * min(times):8.0f} ms  ({1e3 * max(times):.0f})")


if __name__ == "__main__":
    main()
