"""What a run of bench/kernels found, as a document; documents beside one another."""
from common import documents, machine
from common.documents import geometric_mean, kept_at, memory_bandwidth, write
from common.machine import load

SCHEMA = "dlc.bench.kernels/1"
LOW = 0.8  # a ratio below it is listed


def document(rows, limits, dnnl, a, load_before):
    return dict(**documents.head(SCHEMA, a.threads, load_before), versions={**machine.versions(), "oneDNN": dnnl or "none"},
                settings=dict(rounds=a.rounds, seconds=a.seconds), limits=limits, cases=rows)


def read(paths):
    """Several files: the parts of one run, of one commit and machine; of a case in two of them the later counts."""
    whole, *parts = [documents.read(path, SCHEMA, "bench/kernels") for path in paths]
    for path, part in zip(paths[1:], parts):
        for section, key in (("commit", None), ("settings", None), ("versions", None), ("machine", "processor"), ("machine", "vectors")):
            left, right = (d[section] if key is None else d[section][key] for d in (whole, part))
            if left != right:
                raise ValueError(f"{path} is no part of the run of {paths[0]}: its {key or section} is another: {right}, not {left}")
        rows = {(row["name"], row["threads"]): row for row in whole["cases"] + part["cases"]}
        whole["cases"] = list(rows.values())
        for threads, found in part["limits"].items():
            whole["limits"][threads] = best_limits(whole["limits"].get(threads, {}), found)
        whole["machine"]["threads"] = sorted({*whole["machine"]["threads"], *part["machine"]["threads"]})
        whole["changed"] |= part["changed"]
        whole["machine"]["load_after"] = part["machine"]["load_after"]
    return whole


def best_limits(*all_found):
    """Of each limit the most that was reached."""
    return {key: max(found.get(key, 0) for found in all_found) for found in all_found for key in found}


def best_peer(row, key="us_min"):
    return min(row["peers"], key=lambda peer: row["peers"][peer][key], default=None)


def ratio(row, key="us_min"):
    """How much longer the fastest peer takes: above 1 dlc is faster."""
    return row["peers"][best_peer(row, key)][key] / row["dlc"][key]


def compared(rows):
    return [row for row in rows if row["peers"]]


def mean_ratio(rows, key="us_min"):
    return geometric_mean(ratio(row, key) for row in compared(rows))


def classes(rows):
    return list(dict.fromkeys(row["class"] for row in rows))


def below(rows, limit):
    """From the lowest ratio on."""
    return sorted((row for row in compared(rows) if ratio(row) < limit), key=ratio)


def wrong(rows):
    return [row for row in rows if not row["agrees"]]


def rates(row, limits):
    """GFLOP/s and GB/s of the least time and their shares of what as many threads reach."""
    of = limits[str(row["threads"])]
    seconds = row["dlc"]["us_min"] / 1e6
    gflops, gbs = row["operations"] / seconds / 1e9, row["bytes"] / seconds / 1e9
    return dict(gflops=gflops, gbs=gbs, of_peak=gflops / of["gflops"], of_bandwidth=gbs / memory_bandwidth(of), intensity=row["operations"] / row["bytes"])


def differences(old, new):
    """For each case of both runs: times, how much faster, how much of that is the machine, and what is left."""
    before = {(row["name"], row["threads"]): row for row in old["cases"]}
    for row in new["cases"]:
        was = before.get((row["name"], row["threads"]))
        if was is None:
            continue
        least = [{side: t["us_min"] for side, t in r["peers"].items()} for r in (was, row)]
        faster, of_machine, held = documents.held(was["dlc"]["us_min"], row["dlc"]["us_min"], *least)
        yield {"name": row["name"], "class": row["class"], "threads": row["threads"], "old": was["dlc"]["us_min"], "new": row["dlc"]["us_min"],
               "faster": faster, "machine": of_machine, "held": held}
