"""Times one model in dlc and its peers in turns, with the machine's limits measured between them."""
import pathlib, statistics, tempfile, time

from steps import cases, tensors
from steps.servers import Missing, PEERS, start_dlc, start_peer

MAIN_MEMORY = 1 << 28       # bytes: many times a last cache
SECOND_CACHE = 1 << 17      # bytes a thread: less than any second-level cache
REST = 0.02                 # seconds: lets another side's spinning threads come to rest


def summary(server):
    """`processor_ms` is what all threads used for a step, whatever else had the processors: a second view on a machine that is not quiet."""
    return dict(ms_min=min(server.times), ms_median=statistics.median(server.times), processor_ms=1e3 * server.processor_s / len(server.times),
                steps=len(server.times))


def prepared(name, folder, a):
    """dlc's server from the cache that a first one filled, the data and the first weights; seconds to the first step of both."""
    data, weights, cache = folder / "data.safetensors", folder / "weights.safetensors", folder / "cache"
    tensors.write(data, cases.data(name))
    cold = start_dlc(name, a, cache, data)
    cold.ask(f"save {weights}")
    cold_s = cold.first_step()[1]
    cold.close()
    ours = start_dlc(name, a, cache, data)
    warm_s = ours.first_step()[1]
    return ours, data, weights, dict(cold_s=cold_s, cold_compile_s=cold.facts["start_ms"] / 1e3, warm_s=warm_s,
                                     warm_compile_s=ours.facts["start_ms"] / 1e3)


def start_peers(name, folder, a, data, weights, say):
    """Those that run; what keeps the others from it."""
    servers, seconds, missing = {}, {}, {}
    for peer in a.peers:
        try:
            server = start_peer(peer, name, a, folder / f"{peer}-cache", data, weights)
            compile_s, start_s = server.first_step()
            server.ask(2)
            servers[peer], seconds[peer] = server, dict(compile_s=compile_s, start_s=start_s)
        except Missing as reason:
            missing[peer] = str(reason)
            say(f"{name}: {PEERS[peer]} does not run: {reason}")
    return servers, seconds, missing


def measure(name, a, say):
    """The row of one model: of dlc and each peer the times and the memory; the limits of the machine meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        say(f"{name}: compiles")
        ours, data, weights, start = prepared(name, folder, a)
        peers, seconds, missing = start_peers(name, folder, a, data, weights, say)
        say(f"{name}: {a.rounds} rounds beside {', '.join(PEERS[peer] for peer in peers) or 'no peer'}")
        everyone = {"dlc": ours, **peers}
        memory, limits = {}, []
        for side, server in everyone.items():  # to know how many steps a turn has
            server.ask("forget")
            server.ask(2)
            memory[side] = server.ask("memory")[0]
            server.calibrate()
        for _ in range(a.rounds):
            for server in everyone.values():
                server.take_turn(a.seconds)
                time.sleep(REST)
            peak = ours.ask("peak")[0] / (2 if a.float == "f64" else 1)  # measured in float32; a vector holds half as many doubles
            main, second = ours.ask(f"bandwidth {MAIN_MEMORY}"), ours.ask(f"bandwidth {SECOND_CACHE * a.threads}")
            limits.append(dict(gflops=peak, read_gbs=main[0], triad_gbs=main[1], cache_gbs=max(second)))
        multiply_adds = int(ours.ask("multiply_adds")[0])
        for server in everyone.values():
            server.close()
    facts = ours.facts
    row = dict(model=name, multiply_adds=multiply_adds, bytes_moved=facts["bytes_moved"], memory_bytes=facts["memory_bytes"],
               kernels=facts["kernels"], calls=facts["calls"],
               dlc={**summary(ours), "resident_bytes": memory["dlc"], **start},
               peers={peer: {**summary(server), "resident_bytes": memory[peer], "versions": server.facts["versions"],
                             **seconds[peer]} for peer, server in peers.items()}, missing=missing)
    return row, {key: max(limit[key] for limit in limits) for key in limits[0]}
