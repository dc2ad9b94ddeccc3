"""Documents as text."""
from common.text import about, aligned
from steps.results import best_peer, best_ratio, differences, memory_bandwidth, rates, ratio
from steps.servers import PEERS

MIB = 1 << 20
BEST = ("ms_min", "ms_median", "processor_ms")  # what ratios to the best peer are taken of


def times(found):
    peers = [p for p in PEERS if any(p in row["peers"] for row in found["models"])]
    rows = [["model", "dlc ms", "median"]]
    for peer in peers:
        rows[0] += [PEERS[peer], "median", "ratio"]
    rows[0] += ["best peer", "median", "processors"] if peers else []
    for row in found["models"]:
        cells = [row["model"], f"{row['dlc']['ms_min']:.2f}", f"{row['dlc']['ms_median']:.2f}"]
        for peer in peers:
            theirs = row["peers"].get(peer)
            cells += [f"{theirs['ms_min']:.2f}", f"{theirs['ms_median']:.2f}", f"{ratio(row, peer):.2f}"] if theirs else ["-"] * 3
        if peers:
            cells += [f"{ratio(row, best_peer(row, key), key):.2f}" if row["peers"] else "-" for key in BEST]
        rows.append(cells)
    yield from aligned(rows)
    if peers:
        least, median, used = (best_ratio(found["models"], key) for key in BEST)
        yield (f"geometric mean of the ratios to the best peer of each model: {least:.2f} of the least times, {median:.2f} of the medians, {used:.2f} of the "
               "processors' time (above 1: dlc is faster)")


def limits(found):
    l = found["limits"]
    yield (f"limits: {l['gflops']:.0f} GFLOP/s of multiply-adds, {memory_bandwidth(l):.1f} GB/s of main memory (reading {l['read_gbs']:.1f}, "
           f"triad {l['triad_gbs']:.1f}), {l['cache_gbs']:.0f} GB/s of the second-level caches")
    rows = [["model", "GFLOP/s", "of peak", "GB/s", "of memory", "flop/byte", "kernels", "calls"]]
    for row in found["models"]:
        r = rates(row, l)
        rows.append([row["model"], f"{r['gflops']:.0f}", f"{r['of_peak']:.0%}", f"{r['gbs']:.1f}", f"{r['of_bandwidth']:.0%}", f"{r['intensity']:.1f}",
                     str(row["kernels"]), str(row["calls"])])
    yield from aligned(rows)


def starts(found):
    """Memory in MiB, seconds from the start of the process to the first step's end and of compiling alone."""
    peers = [p for p in PEERS if any(p in row["peers"] for row in found["models"])]
    rows = [["model", "MiB planned", "resident", *(PEERS[p] for p in peers), "cold s", "warm s", *(f"{PEERS[p]} s" for p in peers)]]
    for row in found["models"]:
        ours = row["dlc"]
        theirs = [row["peers"].get(p) for p in peers]
        rows.append([row["model"], f"{row['memory_bytes'] / MIB:.1f}", f"{ours['resident_bytes'] / MIB:.0f}",
                     *(f"{t['resident_bytes'] / MIB:.0f}" if t else "-" for t in theirs), f"{ours['cold_s']:.2f}", f"{ours['warm_s']:.2f}",
                     *(f"{t['compile_s']:.2f}" if t else "-" for t in theirs)])
    yield from aligned(rows)


def document(found):
    yield f"{about(found)}; {found['settings']['float']}"
    yield ""
    yield from times(found)
    yield ""
    yield from limits(found)
    yield ""
    yield "memory beside what was there before the model, and seconds: dlc from the start of the process to the end of the first step, peers their first step"
    yield from starts(found)
    for row in found["models"]:
        for peer, reason in row["missing"].items():
            yield f"{row['model']}: {PEERS[peer]} does not run: {reason}"


def comparison(old, new, tolerance=0.05):
    """Lines, and the models that became slower by more than the tolerance once the machine is taken out."""
    rows, slower = [["model", "old ms", "new ms", "faster", "machine", "held", "memory", "calls", "cold"]], []
    for d in differences(old, new):
        rows.append([d["model"], f"{d['old']:.2f}", f"{d['new']:.2f}", f"{d['faster']:.2f}", f"{d['machine']:.2f}" if d["machine"] else "-",
                     f"{d['held']:.2f}", f"{d['memory_new'] / d['memory_old']:.2f}", f"{d['calls_old']} -> {d['calls_new']}",
                     f"{d['cold_new'] / d['cold_old']:.2f}"])
        if d["held"] < 1 - tolerance:
            slower.append(d["model"])
    return list(aligned(rows)), slower
