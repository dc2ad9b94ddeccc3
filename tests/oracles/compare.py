"""One case in dlc and in PyTorch: values, gradients, and the gradients of <direction, gradient>."""

import torch

import library
import programs
import runs
from cases import mixed, real

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
torch.backends.cuda.enable_flash_sdp(False)  # on the processor too; its derivative has no derivative
TOLERANCE = {"f64": 1e-9, "f32": 1e-4}


def tensor(array):
    return torch.tensor(
        array.values, dtype={"i32": torch.int64, "i64": torch.int64, "bool": torch.bool}.get(array.dtype, torch.float64)
    ).reshape(array.shape)


def error(got, wanted):
    """The largest |got - wanted| / |wanted| of two tensors; what is below a hundredth of the largest, or of 1, counts as that much."""
    if list(got.shape) != list(wanted.shape):
        raise runs.Failed(f"shape {list(got.shape)} is not {list(wanted.shape)}")
    if wanted.numel() == 0:
        return 0.0
    got, wanted = tensor(got).to(torch.float64), wanted.detach().to(torch.float64)
    same = (got == wanted) | (got.isnan() & wanted.isnan())  # infinities
    size = torch.where(wanted.isfinite(), wanted.abs(), 0)
    worst = torch.where(same, 0, (got - wanted).abs() / torch.clamp(size, min=max(size.max().item(), 1) / 100))
    return float("inf") if worst.isnan().any() else worst.max().item()


class Comparison:
    """A case with its numbers and what PyTorch makes of them."""

    def __init__(self, command, declaration, row, case, seed, key):
        self.command, self.declaration, self.row, self.case, self.seed, self.key = command, declaration, row, case, seed, key
        self.inputs = case.inputs(seed, key)
        self.smooth = case.smooth() if row.order > 0 else []
        self.name = declaration.name
        self.more = ["--train"] if case.train else []
        self.tensors = {name: tensor(a).requires_grad_(name in self.smooth) for name, a in self.inputs.items()}
        drawn = {"drawn": {k: tensor(v) for k, v in self._run(self.inputs, "f64").items()}} if row.drawn else {}
        results = row.reference(**self.tensors, **case.statics, **drawn)
        if not isinstance(results, dict):
            names = library.results(row.program) if row.program else declaration.results
            results = dict(zip(names, results if isinstance(results, tuple) else (results,)))
        self.results = {name: torch.as_tensor(value) for name, value in results.items()}
        self.shapes = {name: tuple(v.shape) for name, v in self.results.items() if v.is_floating_point() and not name.startswith("state/")}
        if not self.shapes:
            self.smooth = []
        self.cotangents = (
            {name: real(*shape).make(mixed(seed, key, "cotangent", name)) for name, shape in self.shapes.items()} if self.smooth else {}
        )
        self.directions = {
            name: real(*case.tensors[name].shape).make(mixed(seed, key, "direction", name))
            for name in self.smooth
            if name in programs.arguments(declaration, case)
        }

    def _run(self, inputs, float_type, *more):
        return runs.call(
            self.command, self.declaration.file, self.name, self.row.program, inputs, self.case.statics, float_type, [*self.more, *more]
        )

    def slopes(self, value, names, create_graph=False):
        """The gradient of a number, zeros where it does not depend on a tensor."""
        if not value.requires_grad:
            return {name: torch.zeros_like(self.tensors[name]) for name in names}
        found = torch.autograd.grad(
            value, [self.tensors[n] for n in names], create_graph=create_graph, retain_graph=True, allow_unused=True
        )
        return {n: torch.zeros_like(self.tensors[n]) if g is None else g for n, g in zip(names, found)}

    def weighted(self):
        return sum((tensor(self.cotangents[name]) * self.results[name]).sum() for name in self.cotangents)

    def expected(self):
        """{result or grad/NAME: tensor}."""
        wanted = dict(self.results)
        if self.smooth:
            wanted.update({"grad/" + n: g for n, g in self.slopes(self.weighted(), self.smooth).items()})
        return wanted

    def first(self, float_type, *more):
        """{name: error} of values and gradients."""
        inputs = {**self.inputs, **{"cotangent/" + name: a for name, a in self.cotangents.items()}}
        return self._errors(self._run(inputs, float_type, *(["--vjp"] if self.smooth else []), *more), self.expected())

    def _errors(self, got, wanted):
        held = {
            "grad/" + name for name, spec in self.case.tensors.items() if spec.kind in ("fixed", "bits")
        }  # dlc differentiates by every real
        got = {name: value for name, value in got.items() if name not in held and (self.case.train or not name.startswith("state/"))}
        if set(got) != set(wanted):
            raise runs.Failed(f"results {sorted(got)}, the reference has {sorted(wanted)}")
        return {name: error(got[name], wanted[name]) for name in got}

    def second(self, float_type):
        """{name: error} of the gradients of <direction, gradient>; nothing where there is no direction."""
        if not self.directions or self.row.order < 2 or self.row.drawn or self.row.program:
            return {}
        slopes = self.slopes(self.weighted(), list(self.directions), create_graph=True)
        along = sum((tensor(self.directions[n]) * g).sum() for n, g in slopes.items())
        names = {name: name if name in self.declaration.elements else f"{self.name}_1.{name}" for name in self.inputs}
        inputs = {names[name]: a for name, a in self.inputs.items()}
        inputs.update({"cotangent_" + n: a for n, a in self.cotangents.items()} | {"direction_" + n: a for n, a in self.directions.items()})
        with runs.written(programs.second(self.declaration, self.case, self.shapes)) as file:
            got = runs.evaluate(self.command, file, "main", inputs, (), float_type, [*self.more, "--vjp"])
        wanted = {"grad/" + names[n]: g for n, g in self.slopes(along, self.smooth).items()} | {"along": along}
        return {name: error(got[name], value) for name, value in wanted.items()}
