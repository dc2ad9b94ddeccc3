"""The roofline (Williams et al. 2009) as SVG: what was measured below what the machine can do."""
import html, math
from typing import NamedTuple, Optional

from common.documents import memory_bandwidth

WIDTH, HEIGHT = 860, 500
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 20, 52


class Point(NamedTuple):
    name: str
    intensity: float               # operations a byte
    gflops: float
    title: str
    peer_gflops: Optional[float] = None
    peer_title: str = ""
    label: bool = True             # whether the name stands beside it


def ticks(low, high):
    """1, 2 and 5 times the powers of ten within [low, high]."""
    return [m * 10.0**e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1) for m in (1, 2, 5) if low <= m * 10.0**e <= high]


class Axis:
    """A logarithmic scale from numbers to pixels."""

    def __init__(self, low, high, start, end):
        self.low, self.high, self.start, self.end = low, high, start, end

    def __call__(self, number):
        return self.start + (self.end - self.start) * math.log(number / self.low) / math.log(self.high / self.low)


def roofline(limits, points):
    """Roofs of the machine, each point with the way to the roof, and a ring for its fastest peer."""
    peak, main, cache = limits["gflops"], memory_bandwidth(limits), limits["cache_gbs"]
    across = [p.intensity for p in points] + [peak / main, peak / cache]
    upward = [peak] + [p.gflops for p in points] + [p.peer_gflops for p in points if p.peer_gflops]
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
    for p in points:
        px, py, roof = x(p.intensity), y(p.gflops), y(min(peak, p.intensity * main))
        out.append(f'<line class="drop" x1="{px:.1f}" x2="{px:.1f}" y1="{py:.1f}" y2="{roof:.1f}"/>')
        out.append(f'<circle class="point" cx="{px:.1f}" cy="{py:.1f}" r="5"><title>{html.escape(p.title)}</title></circle>')
        if p.label:
            out.append(f'<text x="{px + 9:.1f}" y="{py + 4:.1f}">{html.escape(p.name)}</text>')
        if p.peer_gflops:
            out.append(f'<circle class="peer" cx="{px:.1f}" cy="{y(p.peer_gflops):.1f}" r="4"><title>{html.escape(p.peer_title)}</title></circle>')
    return "\n".join([*out, "</svg>"])
