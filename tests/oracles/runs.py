"""The public interface of dlc: arrays in, arrays out."""

import contextlib
import json
import os
import subprocess
import tempfile

import library
import arrays
from cases import literal


class Failed(Exception):
    """dlc ended with an error; its text."""


def dlc(command, *words, environment=None):
    run = subprocess.run(
        [command, *words],
        env={**(environment or os.environ), "DLC_STD": library.STD},
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=600,
    )
    if run.returncode != 0:
        raise Failed(f"$ {' '.join([command, *words])}\n{run.stdout}{run.stderr}[exit {run.returncode}]")
    return run.stdout


@contextlib.contextmanager
def written(program):
    """The path of a file that holds the program."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "main.dlm")
        with open(path, "w") as file:
            file.write(program)
        yield path


def evaluate(command, file, name, inputs, statics=(), real="f64", more=()):
    """What `dlc run --call` makes of `inputs`, {name: Array}; `real` is what `f` means."""
    with tempfile.TemporaryDirectory() as folder:
        given, results = os.path.join(folder, "in.npz"), os.path.join(folder, "out.npz")
        arrays.write_npz(given, {k: a._replace(dtype=real) if a.dtype == "f64" else a for k, a in inputs.items()})
        words = [word for key, value in dict(statics).items() for word in ("--set", f"{key}={literal(value)}")]
        dlc(command, "run", file, "--call", name, "--in", given, "--out", results, "--float", real, *words, *more)
        return arrays.read_npz(results)


def call(command, file, function, program, *arguments):
    """`evaluate` of a function of the library, or of `main` of a program where there is one."""
    if program is None:
        return evaluate(command, os.path.join(library.STD, file), function, *arguments)
    with written(program) as path:
        return evaluate(command, path, "main", *arguments)


def follow(command, model, optimizer, initial, batches, more=(), environment=None):
    """The losses of the steps and the last parameters of a training, of {name: Array}; the first axis of `batches` are the steps."""
    with tempfile.TemporaryDirectory() as folder:
        at = lambda name: os.path.join(folder, name)
        steps = next(iter(batches.values())).shape[0]
        arrays.write_npz(at("batches.npz"), batches)
        arrays.write_safetensors(at("initial.safetensors"), initial)
        dlc(
            command,
            "train",
            model,
            "--set",
            "optimizer=" + optimizer,
            "--float",
            "f64",
            "--init",
            at("initial.safetensors"),
            "--batches",
            at("batches.npz"),
            "--steps",
            str(steps),
            "--log",
            at("steps.jsonl"),
            "--save",
            at("final.safetensors"),
            "--out",
            at("run"),
            "-q",
            *more,
            environment=environment,
        )
        with open(at("steps.jsonl"), encoding="utf-8") as file:
            logged = [line for line in map(json.loads, file) if line["event"] == "step"]
        if [line["step"] for line in logged] != list(range(steps)):
            raise Failed(f"{len(logged)} steps were logged, not {steps}")
        return [line["values"]["cross_entropy"] for line in logged], arrays.read_safetensors(at("final.safetensors"))[0]
