"""A document as one page of HTML that loads nothing: tables, and the roofline."""
import html

from common.page import judged, note, page as framed, plain, table as rows_of
from common.roofline import Point, roofline
from common.text import about
from steps import table
from steps.results import best_peer, best_ratio, rates, ratio
from steps.servers import PEERS


def points(found):
    """Each model at its operations a byte and its GFLOP/s, and its fastest peer."""
    for row in found["models"]:
        r, name = rates(row, found["limits"]), row["model"]
        title = f"{name}: {r['gflops']:.1f} GFLOP/s, {r['intensity']:.1f} operations a byte, {r['of_peak']:.0%} of the peak"
        if not row["peers"]:
            yield Point(name, r["intensity"], r["gflops"], title)
            continue
        rate = r["gflops"] / ratio(row, best_peer(row))
        yield Point(name, r["intensity"], r["gflops"], title, rate,
                    f"{name}, {PEERS[best_peer(row)]}: dlc's operations in its time, {rate:.1f} GFLOP/s")


def times(found):
    peers = [p for p in PEERS if any(p in row["peers"] for row in found["models"])]
    head = ["model", "dlc ms", "median", *(c for p in peers for c in (f"{PEERS[p]} ms", "median", "ratio")), "best peer"]
    rows = []
    for row in found["models"]:
        cells = [row["model"], f"{row['dlc']['ms_min']:.2f}", f"{row['dlc']['ms_median']:.2f}"]
        for p in peers:
            t = row["peers"].get(p)
            cells += [f"{t['ms_min']:.2f}", f"{t['ms_median']:.2f}", judged(ratio(row, p))] if t else ["–"] * 3
        cells.append(judged(ratio(row, best_peer(row))) if row["peers"] else "–")
        rows.append(cells)
    return rows_of(head, rows)


def page(found):
    mean = best_ratio(found["models"])
    lead = (f"<p>Geometric mean of the ratios to the best peer of each model: <b>{mean:.2f}</b> (above 1: dlc is faster).</p>" if mean else
            "<p>No peer ran.</p>")
    missing = [f"{row['model']}: {PEERS[p]} does not run: {why}" for row in found["models"] for p, why in row["missing"].items()]
    return framed("dlc: training steps", "Training steps of dlc beside its peers", [
        note(f"{about(found)}; {found['settings']['float']}"), lead,
        "<h2>Milliseconds of a step, least and median of interleaved turns</h2>", times(found), *map(note, missing),
        "<h2>Roofline</h2>",
        note("Bytes are what the kernels read and write, each buffer once a call, wherever it lies: a point above the slope of main memory lives in the "
             "caches.  Rings are the fastest peers."),
        roofline(found["limits"], list(points(found))),
        "<h2>Shares of the machine's limits</h2>", plain(table.limits(found)),
        "<h2>Memory and starts</h2>",
        note("Beside what was there before the model; dlc from the start of the process to the end of the first step, peers their first step."),
        plain(table.starts(found))])
