"""What a run found, as a document: figures, machine, versions; documents beside one another."""
import datetime, json, math, os, pathlib, platform, statistics, subprocess

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
SCHEMA = "dlc.bench.step/1"


def git(*words):
    run = subprocess.run(["git", "-C", str(TOP), *words], capture_output=True, text=True)
    return run.stdout.strip() if run.returncode == 0 else ""


def processor():
    with open("/proc/cpuinfo") as file:
        facts = dict(line.split(":", 1) for line in file.read().split("\n\n")[0].splitlines() if ":" in line)
    facts = {key.strip(): value.strip() for key, value in facts.items()}
    widest = next((name for name in ("avx512f", "avx2") if name in facts.get("flags", "").split()), "")
    return dict(processor=facts.get("model name", platform.machine()), family=facts.get("cpu family"), number=facts.get("model"), vectors=widest)


def load():
    return round(os.getloadavg()[0], 2)


def document(rows, limits, a, load_before):
    versions = {"python": platform.python_version(), "linux": platform.release()}
    for row in rows:
        for peer in row["peers"].values():
            versions |= peer["versions"]
    return dict(schema=SCHEMA, date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), commit=git("rev-parse", "--short", "HEAD"),
                changed=bool(git("status", "--porcelain", "--untracked-files=no")),
                machine=dict(**processor(), processors=os.cpu_count(), threads=a.threads, load_before=load_before, load_after=load()),
                versions=versions, settings=dict(float=a.float, rounds=a.rounds, seconds=a.seconds, sparse=a.sparse), limits=limits, models=rows)


def read(path):
    found = json.loads(pathlib.Path(path).read_text())
    if found.get("schema") != SCHEMA:
        raise ValueError(f"{path} is no document of bench/step: its schema is {found.get('schema')!r}, not {SCHEMA!r}")
    return found


def write(path, found):
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(path).write_text(json.dumps(found, indent=1) + "\n")


def kept_at(found):
    """Where the repository keeps the results of a commit."""
    return TOP / "bench/results" / f"{found['date'][:10]}-{found['commit']}.json"


def ratio(row, peer, key="ms_min"):
    """How much longer the peer takes: above 1 dlc is faster."""
    return row["peers"][peer][key] / row["dlc"][key]


def best_peer(row, key="ms_min"):
    return min(row["peers"], key=lambda peer: row["peers"][peer][key], default=None)


def geometric_mean(numbers):
    numbers = list(numbers)
    return math.exp(statistics.fmean(map(math.log, numbers))) if numbers else None


def best_ratio(rows, key="ms_min"):
    """The geometric mean of the ratios to each model's fastest peer; none where no model has one."""
    return geometric_mean(ratio(row, best_peer(row, key), key) for row in rows if row["peers"])


def rates(row, limits):
    """GFLOP/s and GB/s of the least time, their shares of the limits, and operations a byte."""
    seconds, operations = row["dlc"]["ms_min"] / 1e3, 2 * row["multiply_adds"]
    gflops, gbs = operations / seconds / 1e9, row["bytes_moved"] / seconds / 1e9
    return dict(gflops=gflops, gbs=gbs, of_peak=gflops / limits["gflops"], of_bandwidth=gbs / memory_bandwidth(limits),
                intensity=operations / row["bytes_moved"])


def memory_bandwidth(limits):
    return max(limits["read_gbs"], limits["triad_gbs"])


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
        machine = geometric_mean(was["peers"][p]["ms_min"] / row["peers"][p]["ms_min"] for p in row["peers"] if p in was["peers"])
        faster = was["dlc"]["ms_min"] / row["dlc"]["ms_min"]
        yield dict(model=row["model"], old=was["dlc"]["ms_min"], new=row["dlc"]["ms_min"], faster=faster, machine=machine,
                   held=faster / (machine or 1), memory_old=was["memory_bytes"], memory_new=row["memory_bytes"], calls_old=was["calls"],
                   calls_new=row["calls"], cold_old=was["dlc"]["cold_s"], cold_new=row["dlc"]["cold_s"])
