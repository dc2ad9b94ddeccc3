"""Documents as text."""
from common.documents import geometric_mean, memory_bandwidth
from common.text import about, aligned
from kernel_cases.results import LOW, below, best_peer, classes, compared, differences, mean_ratio, rates, ratio, wrong

HEAD = ["case", "threads", "dlc us", "median", "peer us", "median", "ratio", "GFLOP/s", "of peak", "GB/s", "of memory", "peer", "kernels"]


def cells(row, limits):
    r, peer = rates(row, limits), best_peer(row)
    theirs = [f"{row['peers'][peer]['us_min']:.1f}", f"{row['peers'][peer]['us_median']:.1f}", f"{ratio(row):.2f}"] if peer else ["-"] * 3
    return [row["name"], str(row["threads"]), f"{row['dlc']['us_min']:.1f}", f"{row['dlc']['us_median']:.1f}", *theirs,
            f"{r['gflops']:.1f}" if row["operations"] else "-", f"{r['of_peak']:.0%}" if row["operations"] else "-", f"{r['gbs']:.1f}",
            f"{r['of_bandwidth']:.0%}", peer or "-", kernels(row)]


def kernels(row):
    found = row["kernels"]
    return ", ".join(found) if len(found) <= 2 else f"{len(found)} kernels"


def times(found):
    yield from aligned([HEAD, *(cells(row, found["limits"]) for row in found["cases"])])


def means(found):
    """A row for each class, and one for all."""
    threads = sorted({row["threads"] for row in found["cases"]})
    rows = [["class", "cases", *(f"{n} thread{'s' if n > 1 else ''}" for n in threads), "both", "of medians", f"below {LOW}", "below 1"]]
    for kind in [*classes(found["cases"]), "all"]:
        of = [row for row in found["cases"] if kind in (row["class"], "all")]
        shown = [mean_ratio([row for row in of if row["threads"] == n]) for n in threads] + [mean_ratio(of), mean_ratio(of, "us_median")]
        rows.append([kind, str(len(of)), *(f"{mean:.2f}" if mean else "-" for mean in shown), str(len(below(of, LOW))), str(len(below(of, 1)))])
    yield "geometric means of the fastest peer's time over dlc's (above 1: dlc is faster)"
    yield from aligned(rows)


def limits(found):
    for threads, l in sorted(found["limits"].items()):
        yield (f"limits of {threads} thread{'s' if threads != '1' else ''}: {l['gflops']:.0f} GFLOP/s of multiply-adds, {memory_bandwidth(l):.1f} GB/s of main "
               f"memory (reading {l['read_gbs']:.1f}, triad {l['triad_gbs']:.1f}), {l['cache_gbs']:.0f} GB/s of the second-level caches")


def low(found):
    for row in below(found["cases"], LOW):
        yield f"below {LOW}: {ratio(row):.2f}  {row['name']}, {row['threads']} threads  ({best_peer(row)})"


def disagreements(found):
    for row in wrong(found["cases"]):
        yield f"WRONG: {row['name']}: " + ", ".join(f"{side} {distance:.1e}" for side, distance in row["distances"].items())


def document(found):
    yield about(found)
    yield ""
    yield from times(found)
    yield ""
    yield from limits(found)
    yield from means(found)
    yield from low(found)
    alone = len(found["cases"]) - len(compared(found["cases"]))
    if alone:
        yield f"{alone} without a peer"
    yield from disagreements(found)


def comparison(old, new, case_tolerance=0.2, class_tolerance=0.05):
    """Lines, and what became slower once the machine is taken out: classes by their geometric means, and single cases, whose times scatter more."""
    found = list(differences(old, new))
    rows, slower = [["case", "threads", "old us", "new us", "faster", "machine", "held"]], []
    for d in found:
        if abs(d["held"] - 1) > class_tolerance:
            rows.append([d["name"], str(d["threads"]), f"{d['old']:.1f}", f"{d['new']:.1f}", f"{d['faster']:.2f}", f"{d['machine']:.2f}" if d["machine"] else "-",
                         f"{d['held']:.2f}"])
        if d["held"] < 1 - case_tolerance:
            slower.append(f"{d['name']} ({d['threads']} threads)")
    lines = [f"{len(found)} cases of both runs; those that changed by more than {class_tolerance:.0%}:", *aligned(rows)]
    means = [["class", "cases", "held"]]
    for kind in dict.fromkeys(d["class"] for d in found):
        of = [d["held"] for d in found if d["class"] == kind]
        mean = geometric_mean(of)
        means.append([kind, str(len(of)), f"{mean:.2f}"])
        if mean < 1 - class_tolerance:
            slower.append(f"class {kind}")
    return [*lines, "", *aligned(means)], slower
