"""A document as one page of HTML that loads nothing: means, low cases, all times, and a roofline for each number of threads."""
import html

from common.page import judged, note, page as framed, plain, table as rows_of
from common.roofline import Point, roofline
from common.text import about
from kernel_cases import table
from kernel_cases.results import LOW, best_peer, classes, mean_ratio, rates, ratio


def points(rows, limits):
    """Those that multiply; the slowest beside their peers are named."""
    for row in rows:
        if not row["operations"]:
            continue
        r, peer = rates(row, limits), best_peer(row)
        title = f"{row['name']}: {r['gflops']:.1f} GFLOP/s, {r['intensity']:.1f} operations a byte, {r['of_peak']:.0%} of the peak"
        if peer is None:
            yield Point(row["name"], r["intensity"], r["gflops"], title, label=False)
            continue
        low = ratio(row) < LOW
        yield Point(row["name"], r["intensity"], r["gflops"], f"{title}, {ratio(row):.2f} of {peer}", r["gflops"] / ratio(row) if low else None,
                    f"{row['name']}, {peer}: {r['gflops'] / ratio(row):.1f} GFLOP/s", label=low)


def times(found, kind):
    rows = []
    for row in found["cases"]:
        if row["class"] == kind:
            cells = table.cells(row, found["limits"])
            cells[table.HEAD.index("ratio")] = judged(ratio(row)) if row["peers"] else "-"
            rows.append(cells)
    return rows_of(table.HEAD, rows)


def page(found):
    mean = mean_ratio(found["cases"])
    lead = f"Geometric mean of the ratios to the fastest peer: {mean:.2f} (above 1: dlc is faster)." if mean else "No peer ran."
    parts = [note(about(found)), f"<p>{html.escape(lead)}</p>", "<h2>Classes</h2>", plain(table.means(found)), plain(table.limits(found)),
             *map(note, table.disagreements(found))]
    for threads in sorted({row["threads"] for row in found["cases"]}):
        shown = list(points([row for row in found["cases"] if row["threads"] == threads], found["limits"]))
        if shown:
            parts += [f"<h2>Roofline, {threads} thread{'s' if threads > 1 else ''}</h2>",
                      note(f"Bytes are operands and results, once.  Named are cases below {LOW} of their fastest peer, whose rates are rings."),
                      roofline(found["limits"][str(threads)], shown)]
    for kind in classes(found["cases"]):
        parts += [f"<h2>{html.escape(kind)}</h2>", times(found, kind)]
    return framed("dlc: kernels", "Kernels of dlc beside oneDNN", parts)
