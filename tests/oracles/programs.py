"""Programs that are made of a row: one number whose derivatives are wanted, as a function for `dlc run` or a model for `dlc grad`."""

from cases import literal


def tensor(element, shape):
    return element + (f"[{', '.join(map(str, shape))}]" if shape else "")


def element(declaration, name, spec):
    """An integer is declared as the function wants it."""
    return declaration.elements[name]


def arguments(declaration, case):
    """The tensors of a case that are arguments; the others are parameters and states of a layer."""
    return {name: spec for name, spec in case.tensors.items() if name in declaration.elements}


def call(declaration, case, results):
    given = [f"{name} = {name}" for name in arguments(declaration, case)] + [f"{name} = {literal(v)}" for name, v in case.statics.items()]
    return f"{', '.join(results)} = {declaration.name}({', '.join(given)})"


def weighted(shapes):
    return " + ".join(f"sum(cotangent_{name} * {name})" for name in shapes)


def second(declaration, case, shapes):
    """The gradient of <cotangent, results> by the arguments along directions; its own gradient is by arguments and parameters.

    shapes: {result: sizes} of the real results.
    """
    given = arguments(declaration, case)
    smooth = [name for name, spec in given.items() if spec.kind == "real"]
    head = [f"{name}: {tensor(element(declaration, name, spec), spec.shape)}" for name, spec in given.items()]
    head += [f"cotangent_{name}: {tensor('f', shape)}" for name, shape in shapes.items()]
    head += [f"direction_{name}: {tensor('f', given[name].shape)}" for name in smooth]
    results = [name if name in shapes else f"{name}_" for name in declaration.results]
    lines = [
        f'import "std/{declaration.file[:-4]}"',
        f"{declaration.kind} main({', '.join(head)}) -> along {{",
        "  " + call(declaration, case, results),
        f"  weighted = {weighted(shapes)}",
    ]
    lines += [f"  slope_{name} = grad(weighted, {name})" for name in smooth]
    lines += ["  along = " + " + ".join(f"sum(direction_{name} * slope_{name})" for name in smooth), "}", ""]
    return "\n".join(lines)


def model(declaration, case, shapes):
    """A model with all real tensors as parameters, whose loss is <cotangent, results>."""
    lines = [f'import "std/{declaration.file[:-4]}"', "model Main() {"]
    for name, spec in arguments(declaration, case).items():
        kind = f"  param {name}: %s ~ zeros" if spec.kind == "real" else f"  input {name}: %s"
        lines.append(kind % tensor(element(declaration, name, spec), spec.shape))
    lines += [f"  input cotangent_{name}: {tensor('f', shape)}" for name, shape in shapes.items()]
    results = [name if name in shapes else f"{name}_" for name in declaration.results]
    return "\n".join([*lines, "  " + call(declaration, case, results), f"  loss weighted = {weighted(shapes)}", "}", ""])
