"""A module for each file of dsl/std: `TABLE`, its rows, and `EXEMPT`, {function: why it has none}."""

import importlib
import os


def modules():
    """{file of the library: module}: `nn_conv` is of nn/conv.dlm."""
    names = sorted(name[:-3] for name in os.listdir(os.path.dirname(__file__)) if name.endswith(".py") and name[0] != "_")
    return {name.replace("nn_", "nn/", 1) + ".dlm": importlib.import_module("tables." + name) for name in names}
