"""Parts of a page of HTML that loads nothing."""
import html

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


def table(head, rows):
    """A cell is text, or text and its class."""
    cells = "".join(f"<th>{html.escape(c)}</th>" for c in head)
    out = [f'<div class="wide"><table><tr>{cells}</tr>']
    for row in rows:
        out.append("<tr>" + "".join(f'<td class="{c[1]}">{html.escape(c[0])}</td>' if isinstance(c, tuple) else f"<td>{html.escape(c)}</td>" for c in row) + "</tr>")
    return "\n".join([*out, "</table></div>"])


def judged(number):
    return f"{number:.2f}", "good" if number > 1 else "bad"


def plain(lines):
    return f'<div class="wide"><pre>{html.escape(chr(10).join(lines))}</pre></div>'


def note(text):
    return f'<p class="note">{html.escape(text)}</p>'


def page(title, heading, parts):
    body = "\n".join(parts)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title><style>{STYLE}</style></head><body>
<h1>{html.escape(heading)}</h1>
{body}
</body></html>
"""
