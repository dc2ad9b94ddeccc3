"""Whether the models compute what the peers' compute: from the same weights and data the gradient of each parameter, and the losses of five
steps of Adam, in float64 and in float32.

dlc's gradient is read off the step that is timed: after the first step Adam's first moment is (1 - beta1) times the gradient.
"""
import math, pathlib, tempfile

from steps import cases, tensors
from steps.servers import Missing, PEERS, start_dlc, start_peer

STEPS = 5
BETA1 = 0.9
# In float64 nothing but the order of sums differs.  In float32 a rounding may also put an activation on the other side of a relu's kink, which
# moves the gradients of a deep network by a part of an example's; float64 says that it is that and nothing else.
TOLERANCE = {"f64": dict(loss=1e-9, gradient=1e-9), "f32": dict(loss=5e-3, gradient=2e-2)}
# A gradient that is 0 for any weights, such as that of the bias of attention's keys, is all rounding: one whose norm is below this share of the
# largest is held against that share.
LEAST = 1e-4


def norm(numbers):
    return math.sqrt(sum(x * x for x in numbers))


def distance(found, wanted, floor=0.0):
    """The norm of the difference over that of `wanted`, or `floor`."""
    scale = max(norm(wanted), floor)
    return norm(a - b for a, b in zip(found, wanted)) / scale if scale else 0.0


def compare(ours, theirs):
    """The greatest distance of a parameter's gradients, and its name."""
    if ours.keys() != theirs.keys():
        return float("inf"), f"the peer lacks {sorted(ours.keys() ^ theirs.keys())}"
    largest = max(norm(t.values) for t in theirs.values())
    return max((distance(ours[name].values, theirs[name].values, LEAST * largest), name) for name in ours)


def of_dlc(name, folder, a):
    data, weights, after = folder / "data.safetensors", folder / "weights.safetensors", folder / "after.safetensors"
    tensors.write(data, cases.data(name))
    server = start_dlc(name, a, folder / "cache", data)
    server.ask(f"save {weights}")
    losses = server.ask("losses 1")
    server.ask(f"save {after}")
    losses += server.ask(f"losses {STEPS - 1}")
    server.close()
    gradient = {}
    for key, t in tensors.read(after).items():
        if key.startswith("optimizer/m/"):
            gradient[key.removeprefix("optimizer/m/")] = t._replace(values=[m / (1 - BETA1) for m in t.values])
    return data, weights, losses, gradient


def check(name, a, say):
    """One row a peer: distances and whether they are within the tolerance."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        data, weights, losses, gradient = of_dlc(name, folder, a)
        for peer in a.peers:
            try:
                server = start_peer(peer, name, a, folder / f"{peer}-cache", data, weights)
                server.ask(f"gradient {folder / 'gradient.safetensors'}")
                theirs = server.ask(f"losses {STEPS}")
                server.close()
            except Missing as reason:
                say(f"{name}: {PEERS[peer]} does not run: {reason}")
                continue
            worst, where = compare(gradient, tensors.read(folder / "gradient.safetensors"))
            loss = max(distance([x], [y]) for x, y in zip(losses, theirs))
            wanted = TOLERANCE[a.float]
            rows.append(dict(model=name, peer=peer, float=a.float, first=losses[0], last=losses[-1], peer_first=theirs[0], peer_last=theirs[-1], loss=loss,
                             gradient=worst, parameter=where, parameters=len(gradient),
                             ok=loss <= wanted["loss"] and worst <= wanted["gradient"] and losses[-1] < losses[0]))
    return rows


HEAD = f"{'model':8} {'peer':14} {'':3} {'first loss':>11} {'peer':>11} {'fifth loss':>11} {'peer':>11} {'losses':>9} {'gradients':>9}"


def line(r):
    return (f"{r['model']:8} {PEERS[r['peer']]:14} {r['float']:3} {r['first']:11.6f} {r['peer_first']:11.6f} {r['last']:11.6f} {r['peer_last']:11.6f} "
            f"{r['loss']:9.1e} {r['gradient']:9.1e} {'ok' if r['ok'] else 'WRONG: ' + r['parameter']}")
