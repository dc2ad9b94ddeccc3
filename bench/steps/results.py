"""What a run of bench/step found, as a document; documents beside one another."""
from common import documents, machine
from common.documents import geometric_mean, kept_at, memory_bandwidth, write
from common.machine import load

SCHEMA = "dlc.bench.step/1"


def document(rows, limits, a, load_before):
    versions = machine.versions()
    for row in rows:
        for peer in row["peers"].values():
            versions |= peer["versions"]
    return dict(**documents.head(SCHEMA, a.threads, load_before), versions=versions,
                settings=dict(float=a.float, rounds=a.rounds, seconds=a.seconds, sparse=a.sparse), limits=limits, models=rows)


def read(path):
    return documents.read(path, SCHEMA, "bench/step")


def ratio(row, peer, key="ms_min"):
    """How much longer the peer takes: above 1 dlc is faster."""
    return row["peers"][peer][key] / row["dlc"][key]


def best_peer(row, key="ms_min"):
    return min(row["peers"], key=lambda peer: row["peers"][peer][key], default=None)


def best_ratio(rows, key="ms_min"):
    """The geometric mean of the ratios to each model's fastest peer; none where no model has one."""
    return geometric_mean(ratio(row, best_peer(row, key), key) for row in rows if row["peers"])


def rates(row, limits):
    """GFLOP/s and GB/s of the least time, their shares of the limits, and operations a byte."""
    seconds, operations = row["dlc"]["ms_min"] / 1e3, 2 * row["multiply_adds"]
    gflops, gbs = operations / seconds / 1e9, row["bytes_moved"] / seconds / 1e9
    return dict(gflops=gflops, gbs=gbs, of_peak=gflops / limits["gflops"], of_bandwidth=gbs / memory_bandwidth(limits),
                intensity=operations / row["bytes_moved"])


def differences(old, new):
    """For each model of both: times of both and their ratio, above 1 where the new one is faster.  Peers' times, where both have them,
    say how much of it is the machine: `held` is the ratio over that of the peers' geometric mean."""
    for section, key in (("settings", "float"), ("settings", "sparse"), ("machine", "threads")):
        if old[section].get(key) != new[section].get(key):
            raise ValueError(f"runs of another {key} are not compared: {old[section].get(key)} and {new[section].get(key)}")
    before = {row["model"]: row for row in old["models"]}
    for row in new["models"]:
        if row["model"] not in before:
            continue
        was = before[row["model"]]
        least = [{side: t["ms_min"] for side, t in r["peers"].items()} for r in (was, row)]
        faster, of_machine, held = documents.held(was["dlc"]["ms_min"], row["dlc"]["ms_min"], *least)
        yield dict(model=row["model"], old=was["dlc"]["ms_min"], new=row["dlc"]["ms_min"], faster=faster, machine=of_machine,
                   held=held, memory_old=was["memory_bytes"], memory_new=row["memory_bytes"], calls_old=was["calls"],
                   calls_new=row["calls"], cold_old=was["dlc"]["cold_s"], cold_new=row["dlc"]["cold_s"])
