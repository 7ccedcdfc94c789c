"""What every layer type says of every field and port that is wrong, one sentence each: `tests/golden/layer_errors.txt`.

`python -m tests.graph_ir.layer_errors > tests/golden/layer_errors.txt` writes them anew; read the difference.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from codegen.example import Example, example
from graph_ir.build import build
from graph_ir.infer import infer
from graph_ir.kinds import Choice, Either, Integer, Integers, Json, Kind, Number, Span
from graph_ir.layers import catalogue
from graph_ir.signature import DTYPES, TensorType
from graph_ir.spec import FieldSpec, Layer

GOLDEN = Path(__file__).parents[1] / "golden" / "layer_errors.txt"
HUGE = 10**15


@dataclass(frozen=True)
class Sentence:
    """What was wrong, the stable code and what is said, without the layer's name in front."""

    what: str
    code: str
    text: str


def sentences(cls: type[Layer]) -> Iterator[Sentence]:
    """Every field that is missing, out of range or huge; every port with another rank, dtype or size."""
    worked = example(cls)
    yield from _of_fields(cls, worked)
    types = tuple(worked.inputs.items())
    for i, (port, given) in enumerate(types):
        told: set[tuple[str, str]] = set()
        for what, other in _bent(given):
            found = infer(worked.layer, (*types[:i], (port, other), *types[i + 1 :])).error
            if found is not None and (what, found.code) not in told:
                told.add((what, found.code))
                yield Sentence(f"{port} {what}: {other.text} {other.dtype}", found.code, found.text)


def _of_fields(cls: type[Layer], worked: Example) -> Iterator[Sentence]:
    start = cls.spec.start_values()
    for field in cls.spec.fields.values():
        if field.required:
            rest = {name: value for name, value in start.items() if name != field.name}
            yield from _wrong(cls, worked, f"without {field.name}", rest)
        for raw in _out_of_range(field):
            yield from _wrong(cls, worked, f"{field.name} = {raw}", {**start, field.name: raw})


def _wrong(cls: type[Layer], worked: Example, what: str, values: dict[str, Json]) -> Iterator[Sentence]:
    layer, bad = build(cls, values)
    for problem in bad:
        yield Sentence(what, problem.code, problem.text)
    if layer is None:
        return
    found = infer(layer, tuple(worked.inputs.items())).error
    if found is not None:
        yield Sentence(what, found.code, found.text)


def _out_of_range(field: FieldSpec) -> list[Json]:
    kinds = field.kind.kinds if isinstance(field.kind, Either) else [field.kind]
    return list(dict.fromkeys(raw for kind in kinds for raw in _beyond(kind)))


def _beyond(kind: Kind) -> list[Json]:
    if isinstance(kind, Span):
        return _beyond(kind.item)
    if isinstance(kind, Integers):
        return _beyond(kind.item)
    if isinstance(kind, Integer):
        low = [kind.low - 1] if kind.low is not None else [-HUGE]
        return [*low, kind.high + 1 if kind.high is not None else HUGE]
    if isinstance(kind, Number):
        low_ = [] if kind.low is None else [kind.low if kind.above else kind.low - 1]
        return [*low_, *([] if kind.high is None else [kind.high + 1])]
    return ["bogus"] if isinstance(kind, Choice) else []


def _bent(given: TensorType) -> Iterator[tuple[str, TensorType]]:
    yield "with one axis more", TensorType((*given.shape, 3), given.dtype)
    if given.shape:
        yield "with one axis less", TensorType(given.shape[:-1], given.dtype)
    for dtype in DTYPES:
        yield "of another dtype", TensorType(given.shape, dtype, given.roles)
    for axis in range(1, len(given.shape)):
        for size in (1, 7):
            shape = (*given.shape[:axis], size, *given.shape[axis + 1 :])
            yield f"with axis {axis} of {size}", TensorType(shape, given.dtype, given.roles)


def text() -> str:
    """The golden file."""
    lines: list[str] = []
    for name, cls in catalogue().items():
        lines += ["", name]
        lines += [f"  {one.what}: {one.text} [{one.code}]" for one in sentences(cls)]
    return "\n".join(lines[1:]) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
