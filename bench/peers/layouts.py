"""Where a peer keeps dlc's parameters: some of them one behind the other, and in another order of axes."""
import json, math, struct
from typing import NamedTuple

import numpy as np

TYPES = {"F32": np.float32, "F64": np.float64, "I32": np.int32, "I64": np.int64}


def read(path):
    """The arrays of a .safetensors file."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        body = file.read()
    header.pop("__metadata__", None)
    return {name: np.frombuffer(body, TYPES[e["dtype"]], math.prod(e["shape"]), e["data_offsets"][0]).reshape(e["shape"])
            for name, e in header.items()}


def write(path, arrays):
    header, blobs, at = {}, [], 0
    for name, a in arrays.items():
        blobs.append(np.ascontiguousarray(a).tobytes())
        header[name] = dict(dtype=next(n for n, t in TYPES.items() if t == a.dtype), shape=list(a.shape), data_offsets=[at, at + len(blobs[-1])])
        at += len(blobs[-1])
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


class Layout(NamedTuple):
    """The parameters `names`, put one behind the other, seen in the shape `view`, its axes reordered, in the shape `shape`."""
    names: tuple
    view: tuple
    axes: tuple
    shape: tuple

    def from_dlc(self, arrays):
        flat = np.concatenate([arrays[name].ravel() for name in self.names])
        return np.ascontiguousarray(flat.reshape(self.view).transpose(self.axes).reshape(self.shape))

    def to_dlc(self, array, shapes):
        flat = np.asarray(array).reshape([self.view[a] for a in self.axes]).transpose(np.argsort(self.axes)).ravel()
        parts = np.split(flat, np.cumsum([math.prod(shapes[name]) for name in self.names])[:-1])
        return {name: part.reshape(shapes[name]) for name, part in zip(self.names, parts)}


def layout(names, view, axes=None, shape=None):
    names, axes = (names,) if isinstance(names, str) else tuple(names), tuple(axes or range(len(view)))
    return Layout(names, tuple(view), axes, tuple(shape or [view[a] for a in axes]))
