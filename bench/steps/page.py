"""A document as one page of HTML that loads nothing: tables, and the roofline (Williams et al. 2009) as SVG."""
import html, math

from steps import table
from steps.results import best_peer, best_ratio, memory_bandwidth, rates, ratio
from steps.servers import PEERS

WIDTH, HEIGHT = 860, 500
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 20, 52

STYLE = """
:root { --ink: #1b1f24; --soft: #667080; --line: #d8dde4; --back: #ffffff; --roof: #3a6ea5; --point: #c2410c; --good: #15803d; --bad: #b91c1c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ee; --soft: #98a2b3; --line: #343b46; --back: #14171c; --roof: #7fb0e6; --point: #fb923c; --good: #4ade80; --bad: #f87171; }
}
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2.2rem; } p.note { color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--soft); font-weight: 500; } th:first-child, td:first-child { text-align: left; }
td.good { color: var(--good); } td.bad { color: var(--bad); }
svg { max-width: 100%; height: auto; } svg text { fill: var(--ink); font: 13px system-ui, sans-serif; } svg text.soft { fill: var(--soft); }
.grid { stroke: var(--line); } .roof { stroke: var(--roof); stroke-width: 2; fill: none; } .low { stroke-dasharray: 5 4; }
.point { fill: var(--point); } .peer { stroke: var(--point); stroke-width: 1.5; fill: var(--back); } .drop { stroke: var(--point); stroke-dasharray: 2 3; opacity: .6; }
"""


def ticks(low, high):
    """1, 2 and 5 times the powers of ten within [low, high]."""
    return [m * 10.0**e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1) for m in (1, 2, 5) if low <= m * 10.0**e <= high]


class Axis:
    """A logarithmic scale from numbers to pixels."""

    def __init__(self, low, high, start, end):
        self.low, self.high, self.start, self.end = low, high, start, end

    def __call__(self, number):
        return self.start + (self.end - self.start) * math.log(number / self.low) / math.log(self.high / self.low)


def roofline(found):
    """Roofs of the machine, each model at its operations a byte and its GFLOP/s, with the way to the roof, and its fastest peer."""
    limits, points = found["limits"], [(row["model"], rates(row, found["limits"])) for row in found["models"]]
    peak, main, cache = limits["gflops"], memory_bandwidth(limits), limits["cache_gbs"]
    across = [r["intensity"] for _, r in points] + [peak / main, peak / cache]
    upward = [peak] + [r["gflops"] for _, r in points]
    upward += [r["gflops"] / ratio(row, best_peer(row)) for row, (_, r) in zip(found["models"], points) if row["peers"]]
    x = Axis(min(across) / 4, max(across) * 2.5, LEFT, WIDTH - RIGHT)
    y = Axis(min(upward) / 2, max(upward) * 1.6, HEIGHT - BOTTOM, TOP)
    out = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Roofline: GFLOP/s over operations a byte">']
    for tick in ticks(x.low, x.high):
        out.append(f'<line class="grid" x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        out.append(f'<text class="soft" text-anchor="middle" x="{x(tick):.1f}" y="{HEIGHT - BOTTOM + 18}">{tick:g}</text>')
    for tick in ticks(y.low, y.high):
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>')
        out.append(f'<text class="soft" text-anchor="end" x="{LEFT - 8}" y="{y(tick) + 4:.1f}">{tick:g}</text>')
    out.append(f'<text class="soft" text-anchor="middle" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}">floating-point operations for each byte moved</text>')
    out.append(f'<text class="soft" text-anchor="middle" transform="translate(16 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)">GFLOP/s</text>')
    for bandwidth, style, name in ((main, "roof", "main memory"), (cache, "roof low", "second-level caches")):
        begin, knee = max(x.low, y.low / bandwidth), peak / bandwidth
        out.append(f'<path class="{style}" d="M{x(begin):.1f} {y(begin * bandwidth):.1f} L{x(knee):.1f} {y(peak):.1f} L{x(x.high):.1f} {y(peak):.1f}"/>')
        slope = math.degrees(math.atan2(y(peak) - y(begin * bandwidth), x(knee) - x(begin)))
        middle = math.sqrt(begin * knee)
        out.append(f'<text class="soft" text-anchor="middle" transform="translate({x(middle):.1f} {y(middle * bandwidth) - 7:.1f}) rotate({slope:.1f})">'
                   f'{name}, {bandwidth:.0f} GB/s</text>')
    out.append(f'<text class="soft" text-anchor="end" x="{WIDTH - RIGHT}" y="{y(peak) - 7:.1f}">multiply-adds, {peak:.0f} GFLOP/s</text>')
    for row, (name, r) in zip(found["models"], points):
        px, py, roof = x(r["intensity"]), y(r["gflops"]), y(min(peak, r["intensity"] * main))
        out.append(f'<line class="drop" x1="{px:.1f}" x2="{px:.1f}" y1="{py:.1f}" y2="{roof:.1f}"/>')
        out.append(f'<circle class="point" cx="{px:.1f}" cy="{py:.1f}" r="5"><title>{html.escape(name)}: {r["gflops"]:.1f} GFLOP/s, '
                   f'{r["intensity"]:.1f} operations a byte, {r["of_peak"]:.0%} of the peak</title></circle>')
        out.append(f'<text x="{px + 9:.1f}" y="{py + 4:.1f}">{html.escape(name)}</text>')
        if row["peers"]:
            rate = r["gflops"] / ratio(row, best_peer(row))
            out.append(f'<circle class="peer" cx="{px:.1f}" cy="{y(rate):.1f}" r="4"><title>{html.escape(name)}, {PEERS[best_peer(row)]}: dlc\'s operations in '
                       f'its time, {rate:.1f} GFLOP/s</title></circle>')
    return "\n".join([*out, "</svg>"])


def rows_of(head, rows):
    cells = "".join(f"<th>{html.escape(c)}</th>" for c in head)
    out = [f'<div class="wide"><table><tr>{cells}</tr>']
    for row in rows:
        out.append("<tr>" + "".join(f'<td class="{c[1]}">{html.escape(c[0])}</td>' if isinstance(c, tuple) else f"<td>{html.escape(c)}</td>" for c in row) + "</tr>")
    return "\n".join([*out, "</table></div>"])


def judged(number):
    return f"{number:.2f}", "good" if number > 1 else "bad"


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


def plain(lines):
    return f'<div class="wide"><pre>{html.escape(chr(10).join(lines))}</pre></div>'


def page(found):
    m, mean = found["machine"], best_ratio(found["models"])
    lead = (f"<p>Geometric mean of the ratios to the best peer of each model: <b>{mean:.2f}</b> (above 1: dlc is faster).</p>" if mean else
            "<p>No peer ran.</p>")
    missing = [f"{row['model']}: {PEERS[p]} does not run: {why}" for row in found["models"] for p, why in row["missing"].items()]
    about = (f"{found['date'][:10]}, commit {found['commit']}{' and changes' if found['changed'] else ''}; {m['processor']}, {m['vectors']}, {m['threads']} "
             f"threads of {m['processors']} processors, {found['settings']['float']}; load {m['load_before']} before, {m['load_after']} after; "
             + ", ".join(f"{name} {version}" for name, version in found["versions"].items()))
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>dlc: training steps</title><style>{STYLE}</style></head><body>
<h1>Training steps of dlc beside its peers</h1>
<p class="note">{html.escape(about)}</p>
{lead}
<h2>Milliseconds of a step, least and median of interleaved turns</h2>
{times(found)}
{"".join(f'<p class="note">{html.escape(line)}</p>' for line in missing)}
<h2>Roofline</h2>
<p class="note">Bytes are what the kernels read and write, each buffer once a call, wherever it lies: a point above the slope of main memory lives in the
caches.  Rings are the fastest peers.</p>
{roofline(found)}
<h2>Shares of the machine's limits</h2>
{plain(table.limits(found))}
<h2>Memory and starts</h2>
<p class="note">Beside what was there before the model; dlc from the start of the process to the end of the first step, peers their first step.</p>
{plain(table.starts(found))}
</body></html>
"""
