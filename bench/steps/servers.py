"""Processes that train one model each, asked in turns: dlc's step_server and the peers."""
import os, sys, time

from common import server
from common.machine import TOP
from common.server import Missing

PEERS = {"eager": "PyTorch", "compile": "torch.compile", "jax": "JAX"}


class Server(server.Server):
    """Its answers are numbers."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.turns, self.processor_s = [], 0.0  # of each turn the milliseconds of its steps; of all of them the processors' seconds

    def ask(self, line):
        return [float(word) for word in super().ask(line).split()]

    def first_step(self):
        """Seconds of the first step, and from the start of the process to its end."""
        return self.ask(1)[0] / 1e3, time.perf_counter() - self.started

    def used(self):
        """Seconds of all its threads."""
        with open(f"/proc/{self.process.pid}/stat") as file:
            return sum(map(int, file.read().rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def calibrate(self):
        self.step_ms = min(self.ask(2))

    def take_turn(self, seconds):
        """About so many seconds of steps, at least one."""
        before = self.used()
        self.turns.append(self.ask(max(1, min(200, round(seconds * 1e3 / self.step_ms)))))
        self.step_ms = min(self.step_ms, *self.turns[-1])
        self.processor_s += self.used() - before

    @property
    def times(self):
        return [ms for turn in self.turns for ms in turn]


def start_dlc(name, a, cache, data):
    command = [TOP / a.build / "step_server", TOP / "bench/models" / f"{name}.dlm", a.threads, a.float, "--data", data]
    return Server(command, {"XDG_CACHE_HOME": str(cache)}, a.threads)


def start_peer(peer, name, a, cache, data, weights):
    model = "gcn_sparse" if name == "gcn" and a.sparse else name
    command = [sys.executable, TOP / "bench/peers/serve.py", peer, model, "--data", data, "--weights", weights, "--threads", a.threads, "--float", a.float]
    # Inductor keeps what it compiled in a folder of this run, so that it compiles anew as dlc does in an empty cache.
    return Server(command, {"OMP_NUM_THREADS": str(a.threads), "TORCHINDUCTOR_CACHE_DIR": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}, a.threads)
