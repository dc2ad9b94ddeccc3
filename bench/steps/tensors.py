"""Tensors in .safetensors files, with the standard library alone."""
import array, json, math, struct
from typing import NamedTuple

# Of the file: the letter of `array`, bytes of one element.
TYPES = {"F32": ("f", 4), "F64": ("d", 8), "I32": ("i", 4), "I64": ("q", 8)}


class Tensor(NamedTuple):
    type: str           # of TYPES
    shape: tuple
    values: array.array  # row-major


def tensor(type, shape, values):
    t = Tensor(type, tuple(shape), array.array(TYPES[type][0], values))
    if math.prod(t.shape) != len(t.values):
        raise ValueError(f"{len(t.values)} values for the shape {t.shape}")
    return t


def write(path, tensors):
    header, at = {}, 0
    for name, t in tensors.items():
        size = len(t.values) * TYPES[t.type][1]
        header[name] = dict(dtype=t.type, shape=list(t.shape), data_offsets=[at, at + size])
        at += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for t in tensors.values():
            t.values.tofile(file)


def read(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        start, tensors = file.tell(), {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            letter, size = TYPES[entry["dtype"]]
            begin, end = entry["data_offsets"]
            file.seek(start + begin)
            values = array.array(letter)
            values.fromfile(file, (end - begin) // size)
            tensors[name] = Tensor(entry["dtype"], tuple(entry["shape"]), values)
    return tensors
