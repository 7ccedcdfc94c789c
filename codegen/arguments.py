"""What a block's class is built with: the sizes that it takes from its wires, and the block's parameters."""

from __future__ import annotations

from collections.abc import Sequence

from codegen.instances import Instance
from codegen.layout import literal
from codegen.names import Names
from codegen.uses import Argument

_SIZES = {
    "C": "in_channels",
    "F": "in_features",
    "H": "height",
    "W": "width",
    "D": "depth",
    "T": "steps",
    "N": "batch",
}


def block_arguments(use: Instance, keys: set[str], uses: Sequence[Instance]) -> list[Argument]:
    """Sizes that are taken from wires, then parameters: those that must be given first."""
    names = Names({"i"})
    found: list[Argument] = []
    for (port, axis), key in use.axes.items():
        if key in keys and all(one.key != key for one in found):
            name = names.allocate(_size_name(use, port, axis, found), "size")
            found.append(Argument(key, name, "int", port, axis))
    given = [name for name in use.parameters if f"given_{name}" in keys]
    for name in sorted(given, key=lambda name: use.graph.parameters[name] is not None):
        default = use.graph.parameters[name]
        text = None if default is None else literal(default)
        values = [one.parameters[name] for one in uses] if default is None else [default]
        own = names.allocate(name, "value")
        found.append(Argument(f"given_{name}", own, _type(values), parameter=name, default=text))
    return found


def _type(values: Sequence[object]) -> str:
    for kind in (bool, str, float):
        if any(isinstance(value, kind) for value in values):
            return kind.__name__
    return "int"


def _size_name(use: Instance, port: str, axis: int, found: Sequence[Argument]) -> str:
    """`in_channels`, or `mask_height` where another port has given the first."""
    key, role = use.axes[port, axis], use.types[port].roles[axis]
    letter = key.removeprefix("axis_")
    plain_name = (
        _SIZES.get(role) or _SIZES.get(letter) or (letter if letter != f"{port}_{axis}" else f"size_{axis}")
    )
    if any(one.port and one.port != port for one in found):
        return f"{port}_{plain_name.removeprefix('in_')}"
    return plain_name
