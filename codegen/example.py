"""A worked example for every layer type: its start values on an input that fits, computed, never typed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from codegen.layout import statement
from codegen.parts import symbol_sources
from codegen.place import Place
from codegen.recipe import call, constructor, derived, preparation, target
from graph_ir.build import build
from graph_ir.dims import Dim, symbol
from graph_ir.infer import Inference, Types, infer
from graph_ir.problems import Misfit
from graph_ir.recipes import Absent, Module, Stored
from graph_ir.signature import Port, TensorType, Token, default_roles
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
}
_WIDTH = 64
"""The size of every other letter, so that widths that must agree in some layers do."""
_SHAPES: tuple[tuple[Dim, ...], ...] = ((_BATCH, 20, 32), (_BATCH, 16, 28, 28), (_BATCH, 20), (_BATCH,), ())
_ASKED = 4
"""How many errors in a row are answered with the shape they ask for."""
_WARNED = 2
"""How dull an example with a warning is."""
_MOST = 3000
"""Combinations of shapes and dtypes that are tried where the plain ones do not fit."""


@dataclass(frozen=True)
class Example:
    """One layer with its start values, what goes in and comes out, and how it is said in PyTorch.

    `helper` is the source of the class that its code needs where torch has none.
    """

    layer: Layer
    inputs: Mapping[str, TensorType]
    inference: Inference
    code: tuple[str, ...]
    helper: str


def example(cls: type[Layer]) -> Example:
    """The example of a layer type.

    The first input that fits without a warning and whose shape the layer changes, else the first that fits.
    Raises LookupError where none does: then a shape is missing here.
    """
    layer, bad = build(cls, cls.spec.start_values())
    if layer is None:
        raise LookupError(f"the start values of {cls.spec.type} can't be used: {bad[0].text}")
    fitting: list[tuple[int, Types, Inference]] = []
    for candidates in _candidates(layer.spec):
        fitting += _tried(layer, candidates)
        if fitting and min(dullness for dullness, *_ in fitting) < _WARNED:
            break
    if not fitting:
        raise LookupError(f"no example input fits {cls.spec.type}")
    _, types, found = min(fitting, key=lambda entry: entry[0])
    recipe = layer.spec.recipe
    helper = recipe.helper if isinstance(recipe, Module) else ""
    return Example(layer, dict(types), found, tuple(_code(layer, types, found)), helper)


def _tried(layer: Layer, candidates: Iterable[Types]) -> Iterator[tuple[int, Types, Inference]]:
    """How dull each one is that fits; nothing behind the first that is not."""
    for types in candidates:
        mended, found = _mended(layer, types)
        if found.error is None:
            yield _dullness(mended, found), mended, found
            if _dullness(mended, found) == 0:
                return


def _dullness(types: Types, found: Inference) -> int:
    """0 for an example that changes the shape; more where it does not, has a warning, or fits some batches only."""
    shapes = [given.shape for _, given in types]
    unchanged = all(given.shape in shapes for given in found.outputs.values())
    return _WARNED * (bool(found.warnings) + 2 * bool(found.requirements)) + unchanged


def _mended(layer: Layer, types: Types) -> tuple[Types, Inference]:
    """The wires, where possible as errors ask for them, and what the layer makes of them."""
    found = infer(layer, types)
    for _ in range(_ASKED):
        other = _as_wanted(layer.spec, types, found.error) if found.error else None
        if other is None:
            break
        types, found = other, infer(layer, other)
    return types, found


def _as_wanted(spec: Spec, types: Types, error: Misfit) -> Types | None:
    given = dict(types)
    if error.port not in given or error.wanted is None or any(str(size)[:1] == "*" for size in error.wanted):
        return None
    shape = tuple(_size(size) if isinstance(size, str) else size for size in error.wanted)
    old = given[error.port]
    roles = old.roles if len(shape) == len(old.shape) else ()
    return tuple((given | {error.port: TensorType(shape, old.dtype, roles)}).items())


def _candidates(spec: Spec) -> Iterator[Iterable[Types]]:
    """Types on the ports that must have a wire: alike, then one dtype another, then in all combinations."""
    ports = [port for port in spec.inputs if not port.optional]
    small_first = spec.trait == "loss" or not all(port.dtypes[0].startswith("float") for port in ports[:1])
    shapes = sorted(_SHAPES, key=lambda shape: len(shape) not in (1, 2)) if small_first else _SHAPES
    fitting = [shape for shape in shapes if all(_fits(port, shape) for port in ports)]
    alike = [_alike(ports, shape, batch=batch) for batch in (False, True) for shape in fitting]
    first = [port.dtypes[0] for port in ports]
    yield dict.fromkeys(_wired(ports, types, first) for types in alike)
    yield (
        _wired(ports, types, [*first[:at], dtype, *first[at + 1 :]])
        for types, (at, port) in product(alike, enumerate(ports))
        for dtype in port.dtypes[1:]
    )
    every = [dict.fromkeys(_typed(port, shape) for shape in shapes if _fits(port, shape)) for port in ports]
    all_dtypes = product(*(port.dtypes for port in ports))
    yield (_wired(ports, *pair) for pair in islice(product(product(*every), all_dtypes), _MOST))


Typed = tuple[tuple[Dim, ...], tuple[str, ...]]
"""A shape with its roles."""


def _alike(ports: list[Port], shape: tuple[Dim, ...], *, batch: bool) -> list[Typed]:
    """Every port after one shape; a run that several share is the same in all. With `batch` each begins with N."""
    runs: dict[str, tuple[Dim, ...]] = {}
    found = [_typed(port, shape, runs) for port in ports]
    if not batch:
        return found
    return [((_BATCH, *sizes[1:]), ("N", *roles[1:])) if sizes else (sizes, roles) for sizes, roles in found]


def _fits(port: Port, shape: tuple[Dim, ...]) -> bool:
    return port.rank is not None or len(shape) >= len(port.tokens) - 1


def _typed(port: Port, shape: tuple[Dim, ...], runs: dict[str, tuple[Dim, ...]] | None = None) -> Typed:
    """The signature with sizes for its letters, its run cut out of `shape`."""
    at = next((i for i, token in enumerate(port.tokens) if token.is_run), len(port.tokens))
    cut = shape[at : len(shape) - (len(port.tokens) - at - 1)] if port.rank is None else ()
    sizes: list[Dim] = []
    roles: list[str] = []
    for token in port.tokens:
        if token.is_run:
            run = cut if runs is None else runs.setdefault(token.text, cut)
            sizes += run
            roles += (
                default_roles(shape, port.dtypes[0])[at : at + len(run)] if run == cut else [""] * len(run)
            )
            continue
        sizes.append(_size(token.text))
        roles.append(token.role)
    return tuple(sizes), tuple(roles)


def _size(word: str) -> Dim:
    """A size for a word of a signature."""
    token = Token(word)
    return int(word) if word.isdigit() else _SIZES.get(word, _SIZES.get(token.role, _WIDTH))


def _wired(ports: Sequence[Port], types: Sequence[Typed], dtypes: Sequence[str]) -> Types:
    wires: list[tuple[str, TensorType]] = []
    for port, (shape, roles), dtype in zip(ports, types, dtypes, strict=True):
        names = (
            [f"{port.name}{i}" for i in range(1, max(2, port.fewest) + 1)] if port.variadic else [port.name]
        )
        wires += [(name, TensorType(shape, dtype, roles)) for name in names]
    return tuple(wires)


def _code(layer: Layer, types: Types, found: Inference) -> list[str]:
    """What the exported module would hold for this layer, its outputs all read."""
    spec = layer.spec
    if isinstance(spec.recipe, Absent):
        return []
    assert found.scope is not None, "the example fits"
    module = spec.type.lower()
    outputs = {port.name: port.name for port in spec.outputs}
    symbols = symbol_sources({port: given.shape for port, given in types})
    place = Place(spec, {port: port for port, _ in types}, dict(types), frozenset(outputs), symbols)
    lines: list[str] = []
    if isinstance(spec.recipe, Module | Stored):
        lines.append(f"self.{module} = {constructor(layer, found.scope)}")
        lines += preparation(layer, module, found.weights)
    lines.append(f"{target(spec, outputs)} = {call(layer, module, place)}")
    if isinstance(spec.recipe, Module):
        lines += [f"{port} = {derived(layer, port, outputs)}" for port in spec.recipe.derived]
        lines += [f"{port} = self.{module}.{name}" for port, name in spec.recipe.attributes.items()]
    return [piece for line in lines for piece in _laid_out(line)]


def _laid_out(line: str) -> list[str]:
    text = line.lstrip()
    return statement(text, len(line) - len(text))
