"""What a run found, as a JSON document: its head, where it is kept, and figures that all benchmarks take of theirs."""
import datetime, json, math, os, pathlib, statistics

from common.machine import TOP, git, load, processor


def head(schema, threads, load_before):
    """`threads`: how many, or a list of how many."""
    return dict(schema=schema, date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), commit=git("rev-parse", "--short", "HEAD"),
                changed=bool(git("status", "--porcelain", "--untracked-files=no")),
                machine=dict(**processor(), processors=os.cpu_count(), threads=threads, load_before=load_before, load_after=load()))


def read(path, schema, what):
    found = json.loads(pathlib.Path(path).read_text())
    if not isinstance(found, dict) or found.get("schema") != schema:
        theirs = found.get("schema") if isinstance(found, dict) else None
        raise ValueError(f"{path} is no document of {what}: its schema is {theirs!r}, not {schema!r}")
    return found


def write(path, found):
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(path).write_text(json.dumps(found, indent=1) + "\n")


def kept_at(found, of=""):
    """Where the repository keeps the results of a commit."""
    return TOP / "bench/results" / f"{found['date'][:10]}-{found['commit']}{of}.json"


def geometric_mean(numbers):
    numbers = list(numbers)
    return math.exp(statistics.fmean(map(math.log, numbers))) if numbers else None


def memory_bandwidth(limits):
    return max(limits["read_gbs"], limits["triad_gbs"])


def held(ours_before, ours, peers_before, peers):
    """How much faster dlc became, how much of it is the machine, by the times of the peers that both runs have (none: no such peer), and what
    is left of it without the machine; each above 1 where the new run is faster."""
    faster = ours_before / ours
    machine = geometric_mean(peers_before[p] / peers[p] for p in peers if p in peers_before)
    return faster, machine, faster / (machine or 1)
