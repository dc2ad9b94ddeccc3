"""Times cases in dlc and its peers, in turns within one process, with the machine's limits measured between them."""
import json, time

from common.machine import TOP
from common.server import Missing, Server
from kernel_cases.cases import elements
from kernel_cases.results import best_limits

# Sums of many products in float32, in another order; of a result that is small beside its terms the norm of all of it is what counts.
TOLERANCE = 1e-4
SMALL = 1 << 18       # operands of fewer elements go through the interpreter too,
FEW = 1 << 25         # and so many operations at most
LIMITS_EVERY_S = 10

# oneDNN's threads wait for each other's next loop for a fraction of a millisecond, then sleep: asleep at once they would wake slowly between two
# primitives, awake for long they would take the processors from dlc's turn.
ENVIRONMENT = {"GOMP_SPINCOUNT": "10000"}


def start(a):
    return Server([TOP / a.build / "kernel_server"], ENVIRONMENT, max(a.threads))


def choices(parameters):
    """The default and every change of one or two parameters, whose first choices are the defaults."""
    yield {}
    single = [(name, value) for name, values in parameters.items() for value in values[1:]]
    for i, (name, value) in enumerate(single):
        yield {name: value}
        yield from ({name: value, other: of_other} for other, of_other in single[i + 1:] if other != name)


def asked(c, threads):
    small = elements(c) < SMALL and c["operations"] <= FEW
    return {"case": {key: c[key] for key in c if key not in ("class", "name", "operations")}, "threads": threads, "interpret": small}


def row_of(c, threads, answer):
    distances = answer["distances"]
    return {"name": c["name"], "class": c["class"], "threads": threads, "operations": c["operations"], "bytes": answer["bytes"],
            "kernels": answer["classes"], "distances": distances, "agrees": all(d <= TOLERANCE for d in distances.values())}


class Asker:
    """A server that is started again after a case that ended it."""

    def __init__(self, a):
        self.a, self.server = a, start(a)
        self.dnnl = self.server.facts["dnnl"]

    def ask(self, line):
        try:
            return json.loads(self.server.ask(json.dumps(line)))
        except Missing:
            self.server.close()
            self.server = start(self.a)
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.close()


def check(cases, a, say):
    """Rows without times, and how many cases failed."""
    failed, rows = 0, []
    with Asker(a) as asker:
        for c in cases:
            for threads in a.threads:
                try:
                    rows.append(row_of(c, threads, asker.ask(asked(c, threads))))
                except Missing as reason:
                    say(f"{c['name']}: {reason}")
                    failed += 1
    return rows, failed


def timed(c, threads, a):
    return {**asked(c, threads), "interpret": False, "seconds": a.seconds, "rounds": a.rounds}


def search(cases, a, say):
    """Times of every choice of parameters: (case, threads, choice, least microseconds, of the fastest peer)."""
    with Asker(a) as asker:
        for c in cases:
            for threads in a.threads:
                try:
                    for choice in choices(asker.ask(asked(c, threads))["parameters"]):
                        sides = asker.ask({**timed(c, threads, a), "choice": choice})["times"]
                        ours = sides.pop("dlc")["us_min"]
                        yield c["name"], threads, choice, ours, min((side["us_min"] for side in sides.values()), default=None)
                except Missing as reason:
                    say(f"{c['name']}: {reason}")


def measure(cases, a, say):
    """Rows, limits by number of threads, oneDNN's version, and how many cases failed."""
    failed, rows, limits, due = 0, [], {str(n): {} for n in a.threads}, 0.0
    with Asker(a) as asker:
        for i, c in enumerate(cases):
            if time.monotonic() >= due:
                for n in a.threads:
                    limits[str(n)] = best_limits(limits[str(n)], asker.ask({"limits": n}))
                due = time.monotonic() + LIMITS_EVERY_S
            for threads in a.threads:
                say(f"{i + 1}/{len(cases)} {c['name']}, {threads} threads")
                try:
                    answer = asker.ask(timed(c, threads, a))
                except Missing as reason:
                    say(f"{c['name']}: {reason}")
                    failed += 1
                    continue
                sides = answer["times"]
                rows.append({**row_of(c, threads, answer), "dlc": sides.pop("dlc"), "peers": sides})
        return rows, limits, asker.dnnl, failed
