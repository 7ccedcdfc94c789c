"""A worked example for every layer type: its start values on an input that fits, computed, never typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from codegen.layout import statement
from codegen.place import Place
from codegen.recipe import call, constructor, derived, target
from graph_ir.build import build
from graph_ir.dims import Dim, symbol
from graph_ir.infer import Inference, Types, infer
from graph_ir.recipes import Absent, Module
from graph_ir.signature import Port, TensorType
from graph_ir.spec import Layer, Spec

_BATCH = symbol("N")
_SIZES: Mapping[str, Dim] = {
    "N": _BATCH,
    "C": 16,
    "D": 8,
    "H": 28,
    "W": 28,
    "T": 20,
    "L": 20,
    "S": 10,
    "F": 32,
    "E": 64,
    "K": 64,
    "V": 64,
}
"""A size for every letter that stands in a signature of an input."""
_SHAPES: tuple[tuple[Dim, ...], ...] = ((_BATCH, 20, 32), (_BATCH, 16, 28, 28), (_BATCH, 20), (_BATCH,), ())


@dataclass(frozen=True)
class Example:
    """One layer with its start values, what goes in and comes out, and how it is said in PyTorch."""

    layer: Layer
    inputs: Mapping[str, TensorType]
    inference: Inference
    code: tuple[str, ...]


def example(cls: type[Layer]) -> Example:
    """The example of a layer type.

    The first input that fits without a warning and whose shape the layer changes, else the first that fits.
    Raises LookupError where none does: then a shape is missing here.
    """
    layer, bad = build(cls, cls.spec.start_values())
    if layer is None:
        raise LookupError(f"the start values of {cls.spec.type} can't be used: {bad[0].text}")
    fitting: list[tuple[int, Types, Inference]] = []
    for types in _candidates(cls.spec):
        found = infer(layer, types)
        if found.error is None:
            fitting.append((_dullness(types, found), types, found))
    if not fitting:
        raise LookupError(f"no example input fits {cls.spec.type}")
    _, types, found = min(fitting, key=lambda entry: entry[0])
    return Example(layer, dict(types), found, tuple(_code(layer, types, found)))


def _dullness(types: Types, found: Inference) -> int:
    shapes = [given.shape for _, given in types]
    unchanged = all(given.shape in shapes for given in found.outputs.values())
    return 2 * bool(found.warnings) + unchanged


def _candidates(spec: Spec) -> Iterator[Types]:
    """All combinations of types on the ports that must have a wire."""
    ports = [port for port in spec.inputs if not port.optional]
    choices = [list(_types(port, loss=spec.trait == "loss")) for port in ports]
    for given in product(*choices):
        yield tuple(pair for port, type in zip(ports, given, strict=True) for pair in _wires(port, type))


def _wires(port: Port, given: TensorType) -> list[tuple[str, TensorType]]:
    if not port.variadic:
        return [(port.name, given)]
    return [(f"{port.name}{i}", given) for i in (1, 2)]


def _types(port: Port, *, loss: bool) -> Iterator[TensorType]:
    """Shapes that the signature allows, in each dtype; small ones first for losses and indices."""
    small_first = loss or not port.dtypes[0].startswith("float")
    shapes = sorted(_SHAPES, key=lambda shape: len(shape) not in (1, 2)) if small_first else _SHAPES
    before = [token.is_run for token in port.tokens].index(True) if port.rank is None else len(port.tokens)
    after = max(0, len(port.tokens) - before - 1)
    runs = dict.fromkeys(
        shape[before : len(shape) - after] for shape in shapes if len(shape) >= before + after
    )
    for run in [()] if port.rank is not None else runs:
        sizes = [run if token.is_run else (_SIZES[token.text],) for token in port.tokens]
        shape = tuple(size for part in sizes for size in part)
        for dtype in port.dtypes:
            yield TensorType(shape, dtype)


def _code(layer: Layer, types: Types, found: Inference) -> list[str]:
    """What the exported module would hold for this layer, its outputs all read."""
    spec = layer.spec
    if isinstance(spec.recipe, Absent):
        return []
    assert found.scope is not None, "the example fits"
    module = spec.type.lower()
    outputs = {port.name: port.name for port in spec.outputs}
    place = Place(spec, {port: port for port, _ in types}, dict(types), frozenset(outputs))
    lines = [f"self.{module} = {constructor(layer, found.scope)}"] if isinstance(spec.recipe, Module) else []
    lines.append(f"{target(spec, outputs)} = {call(layer, module, place)}")
    if isinstance(spec.recipe, Module):
        lines += [f"{port} = {derived(layer, port, outputs)}" for port in spec.recipe.derived]
        lines += [f"{port} = self.{module}.{name}" for port, name in spec.recipe.attributes.items()]
    return [piece for line in lines for piece in statement(line, 0)]
