"""Arrays in files, with the standard library alone: `.npz` (NumPy's format 1.0 in a zip archive) and `.safetensors`.

An array is a pair (shape, values): a tuple of sizes and a flat list in row-major order, read as `Array(dtype, shape, values)`.  Writers take nested
lists too and find the shape themselves.  Types: f32, f64, i32, i64, bool.
"""
import ast
import json
import struct
import zipfile
from typing import NamedTuple

# dtype: (NumPy's name, safetensors' name, struct's letter, bytes)
_TYPES = {"f32": ("<f4", "F32", "f", 4), "f64": ("<f8", "F64", "d", 8), "i32": ("<i4", "I32", "i", 4), "i64": ("<i8", "I64", "q", 8),
          "bool": ("|b1", "BOOL", "?", 1)}


class Array(NamedTuple):
    dtype: str
    shape: tuple
    values: list


def array(values, dtype=None, shape=None):
    """An Array of nested lists, of a number, or of a flat list and its shape.  Without a dtype whole numbers are i64, others f64."""
    if isinstance(values, Array):
        return values
    if shape is None:
        sizes, flat = [], [values]
        while flat and isinstance(flat[0], (list, tuple)):
            size = len(flat[0])
            if any(len(row) != size for row in flat):
                raise ValueError("rows of different lengths")
            sizes.append(size)
            flat = [value for row in flat for value in row]
        shape, values = tuple(sizes), flat
    count = 1
    for size in shape:
        count *= size
    if count != len(values):
        raise ValueError(f"{len(values)} values for shape {tuple(shape)}")
    if dtype is None:
        dtype = "i64" if values and all(isinstance(value, int) for value in values) else "f64"
    return Array(dtype, tuple(shape), list(values))


def _pack(a):
    return struct.pack(f"<{len(a.values)}{_TYPES[a.dtype][2]}", *a.values)


def _unpack(dtype, shape, data):
    letter, size = _TYPES[dtype][2:]
    return Array(dtype, tuple(shape), list(struct.unpack(f"<{len(data) // size}{letter}", data)))


def write_npz(path, arrays):
    """Writes {name: Array, nested list or number}."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, values in arrays.items():
            a = array(values)
            header = repr({"descr": _TYPES[a.dtype][0], "fortran_order": False, "shape": a.shape})
            header += " " * (-(10 + len(header) + 1) % 64) + "\n"
            archive.writestr(name + ".npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + _pack(a))


def read_npz(path):
    """{name: Array} of every member."""
    result = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            data = archive.read(member)
            if data[:6] != b"\x93NUMPY":
                raise ValueError(f"{path}: {member} is no .npy file")
            width = 2 if data[6] == 1 else 4
            start = 8 + width
            end = start + int.from_bytes(data[8:start], "little")
            header = ast.literal_eval(data[start:end].decode())
            if header["fortran_order"] and len(header["shape"]) > 1:
                raise ValueError(f"{path}: {member} is stored by columns")
            dtype = next((name for name, kind in _TYPES.items() if kind[0] == header["descr"]), None)
            if dtype is None:
                raise ValueError(f"{path}: {member} has type {header['descr']}")
            result[member[:-4]] = _unpack(dtype, header["shape"], data[end:])
    return result


def write_safetensors(path, arrays, metadata=None):
    """Writes {name: Array, nested list or number} and {key: text}."""
    header, body = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, values in arrays.items():
        a = array(values)
        data = _pack(a)
        header[name] = {"dtype": _TYPES[a.dtype][1], "shape": list(a.shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)


def read_safetensors(path):
    """({name: Array}, {key: text})."""
    with open(path, "rb") as file:
        data = file.read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    metadata = header.pop("__metadata__", {})
    body = data[8 + size:]
    result = {}
    for name, entry in header.items():
        dtype = next((known for known, kind in _TYPES.items() if kind[1] == entry["dtype"]), None)
        if dtype is None:
            raise ValueError(f"{path}: {name} has type {entry['dtype']}")
        begin, end = entry["data_offsets"]
        result[name] = _unpack(dtype, entry["shape"], body[begin:end])
    return result, metadata
