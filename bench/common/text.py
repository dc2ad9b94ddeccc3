"""Tables of text."""


def aligned(rows):
    """Columns: the first to the left, the others to the right."""
    widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(w) if c == 0 else cell.rjust(w) for c, (cell, w) in enumerate(zip(row, widths))).rstrip()


def about(found):
    """When, what and where, in a line."""
    m = found["machine"]
    threads = m["threads"] if isinstance(m["threads"], int) else " and ".join(map(str, m["threads"]))
    return (f"{found['date'][:10]}, commit {found['commit']}{' and changes' if found['changed'] else ''}; {m['processor']}, {m['vectors']}, "
            f"{threads} threads of {m['processors']} processors; load {m['load_before']} before, {m['load_after']} after; "
            + ", ".join(f"{name} {version}" for name, version in found["versions"].items()))
