"""Random uses of a layer type, drawn from its declaration: fields from their kinds (on both sides of every limit),
wires from the signatures (fitting, and then sometimes bent). Nothing here knows a layer.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graph_ir.build import build
from graph_ir.dims import Dim, symbol
from graph_ir.infer import infer
from graph_ir.kinds import (
    Choice,
    Either,
    Flag,
    Integer,
    Integers,
    Kind,
    Nothing,
    Number,
    Numbers,
    Sizes,
    Span,
    Table,
    Text,
)
from graph_ir.signature import DTYPES, Port, TensorType
from graph_ir.spec import FieldSpec, Layer

SIZES = (1, 2, 3, 4, 5, 6, 8, 9)
Types = dict[str, TensorType]


def raw_value(rng: random.Random, kind: Kind, bad: float) -> Any:
    """A raw value of the kind's JSON type, with a chance of `bad` just outside its limits."""
    if isinstance(kind, Either):
        return raw_value(rng, rng.choice(list(kind.kinds)), bad)
    if kind.samples:
        return "bogus" if rng.random() < bad else rng.choice(kind.samples)
    if isinstance(kind, Nothing):
        return None
    if isinstance(kind, Flag):
        return rng.random() < 0.5
    if isinstance(kind, Choice):
        return "bogus" if rng.random() < bad / 2 else rng.choice(kind.options)
    if isinstance(kind, Integer):
        return _integer(rng, kind, bad)
    if isinstance(kind, Number):
        return _number(rng, kind, bad)
    if isinstance(kind, Span):
        if rng.random() < 0.6:
            return raw_value(rng, kind.item, bad)
        return [raw_value(rng, kind.item, bad / 2) for _ in range(kind.rank)]
    if isinstance(kind, Integers):
        return _integers(rng, kind, bad)
    if isinstance(kind, Numbers):
        return [raw_value(rng, kind.item, bad) for _ in range(rng.choice((0, *SIZES[:6])))]
    if isinstance(kind, Table):
        return [_row(rng, kind, bad) for _ in range(0 if rng.random() < bad else rng.randint(1, 4))]
    if isinstance(kind, Sizes):
        entries = [rng.choice(SIZES) for _ in range(rng.randint(0, 3))]
        return entries + [-1] * (kind.rest and rng.random() < 0.5)
    assert isinstance(kind, Text), f"the test knows no values for {kind}"
    return "N C H W"


def _integer(rng: random.Random, kind: Integer, bad: float) -> int:
    low = kind.low if kind.low is not None else -3
    high = kind.high if kind.high is not None else low + 6
    if rng.random() < bad:
        return rng.choice([low - 1, high + 1]) if kind.high is not None else low - 1
    return rng.randint(low, rng.choice([min(high, low + 2), high]))


def _number(rng: random.Random, kind: Number, bad: float) -> float:
    low, high = kind.low if kind.low is not None else -2.0, kind.high if kind.high is not None else 3.0
    if rng.random() < bad:
        return rng.choice([low if kind.above else low - 0.5, high + 0.5])
    edges = [high, (low + high) / 2] + ([] if kind.above else [low])
    return rng.choice(edges)


def _row(rng: random.Random, kind: Table, bad: float) -> list[int]:
    """One row of a table; with a chance of `bad` an empty one."""
    return [] if rng.random() < bad else [_integer(rng, kind.item, bad) for _ in range(rng.randint(1, 3))]


def _integers(rng: random.Random, kind: Integers, bad: float) -> Any:
    if kind.item.low is not None:  # sizes; without a limit they are axes
        return [_integer(rng, kind.item, bad / 2) for _ in range(rng.randint(kind.shortest, 4))]
    count = rng.randint(0, 4)
    if rng.random() < 0.2:
        return [rng.randint(-4, 4) for _ in range(count)]
    entries = [i - count * (rng.random() < 0.2) for i in rng.sample(range(count), count)]
    if kind.item.low is not None:
        few = sorted(entries)[: rng.randint(1, 3)] if rng.random() < 0.8 else entries
        entries = [kind.item.low + abs(i) for i in few]
    return (
        entries[0]
        if kind.alone and count == 1
        else entries[: rng.randint(0, count)]
        if kind.alone
        else entries
    )


def unchecked(field: FieldSpec, raw: Any) -> Any:
    """What `convert` would make of a value if it had no limits: so that torch sees the bad value too."""
    kind = field.kind
    kinds = kind.kinds if isinstance(kind, Either) else [kind]
    fitting = next(k for k in kinds if k.accepts(raw))
    if isinstance(fitting, Span):
        return tuple(raw) if isinstance(raw, list) else (raw,) * fitting.rank
    if isinstance(raw, list):
        return tuple(tuple(entry) if isinstance(entry, list) else entry for entry in raw)
    return float(raw) if isinstance(fitting, Number) else raw


@dataclass(frozen=True)
class Case:
    """One use of a layer: raw values, the types on its wires, and which of its outputs are read."""

    cls: type[Layer]
    values: Mapping[str, Any]
    types: Types
    used: frozenset[str]

    def __str__(self) -> str:
        wires = ", ".join(f"{port}: {t.text} {t.dtype}" for port, t in self.types.items())
        return f"{self.cls.__name__}({dict(self.values)}) on {wires}, read: {sorted(self.used)}"

    @property
    def layer(self) -> tuple[Layer, bool]:
        """The layer, and whether its values are within their limits (else it is built without looking)."""
        layer, _ = build(self.cls, self.values)
        if layer is not None:
            return layer, True
        fields = self.cls.spec.fields
        return self.cls(**{name: unchecked(fields[name], raw) for name, raw in self.values.items()}), False


def random_case(rng: random.Random, cls: type[Layer]) -> Case:
    """Values and wires that more often fit than not, with one thing bent now and then."""
    bend = rng.random() < 0.5
    values = {}
    for name, spec in cls.spec.fields.items():
        if spec.required or rng.random() < (0.5 if spec.in_torch else 0.1):
            values[name] = raw_value(rng, spec.kind, (0.08 if bend else 0.0) if spec.in_torch else 0.0)
    cls = cls.declared_by(values)
    layer, good = Case(cls, values, {}, frozenset()).layer
    types = _wires(rng, layer, bend=bend and rng.random() < 0.6)
    if good and rng.random() < 0.8:
        types = _mended(rng, layer, types)
    outputs = [port.name for port in cls.spec.outputs]
    used = frozenset(name for name in outputs if rng.random() < 0.5) or frozenset(outputs[:1])
    return Case(cls, values, types, used)


def _wires(rng: random.Random, layer: Layer, *, bend: bool) -> Types:
    bound: dict[str, Any] = {}
    drawn: dict[tuple[str, ...], str] = {}
    types: Types = {}
    for port in layer.spec.inputs:
        if port.optional and rng.random() < 0.5:
            continue
        dtype = rng.choice(port.dtypes) if rng.random() < 0.6 else port.dtypes[0]
        if port.dtypes in drawn and rng.random() < 0.8:  # ports that take the same mostly must be the same
            dtype = drawn[port.dtypes]
        drawn[port.dtypes] = dtype
        if port.variadic:
            types |= _variadic(rng, port, dtype)
        else:
            types[port.name] = TensorType(_shape(rng, layer, port, bound), dtype)
    return _bent(rng, types) if bend and types else types


def _variadic(rng: random.Random, port: Port, dtype: str) -> Types:
    shape = [rng.choice(SIZES) for _ in range(rng.randint(0, 4))]
    types: Types = {}
    for i in range(1, rng.randint(2, 4)):
        other = [rng.choice((size, size, size, size, size, size, 1, size + 1)) for size in shape]
        kept = other[rng.randint(0, 1) :] if rng.random() < 0.1 else other
        types[f"{port.name}{i}"] = TensorType(
            tuple(kept), rng.choice(port.dtypes) if rng.random() < 0.3 else dtype
        )
    return types


def _shape(rng: random.Random, layer: Layer, port: Port, bound: dict[str, Any]) -> tuple[Dim, ...]:
    shape: list[Dim] = []
    for token in port.tokens:
        if token.is_run:
            fresh = tuple(rng.choice(SIZES) for _ in range(rng.choice((0, 1, 1, 2, 2, 3))))
            earlier = [run for name, run in bound.items() if name.startswith("*")]
            if token.text not in bound and earlier and rng.random() < 0.7:
                fresh = earlier[0]
            shape += bound.setdefault(token.text, fresh)
        elif token.is_letter:
            # Widths that must agree in some layers (embed_dim, kdim) are more often equal than chance would have it.
            fresh = rng.choice([*(s for s in bound.values() if isinstance(s, int)), *SIZES])
            shape.append(bound.setdefault(token.text, fresh))
        else:
            shape.append(getattr(layer, token.text) if token.is_field else int(token.text))
    return tuple(shape)


def _bent(rng: random.Random, types: Types) -> Types:
    name = rng.choice(list(types))
    given = types[name]
    shape = list(given.shape)
    way = rng.choice(("size", "size", "more", "less", "dtype"))
    if way == "dtype":
        return types | {name: TensorType(given.shape, rng.choice(DTYPES))}
    if way == "more" or not shape:
        shape.insert(rng.randint(0, len(shape)), rng.choice(SIZES))
    elif way == "less":
        shape.pop(rng.randrange(len(shape)))
    else:
        at = rng.randrange(len(shape))
        shape[at] = rng.choice(SIZES)
    return types | {name: TensorType(tuple(shape), given.dtype)}


def _mended(rng: random.Random, layer: Layer, types: Types) -> Types:
    """Follows the shape that an error asks for: if that is wrong, torch will say so."""
    for _ in range(4):
        error = infer(layer, tuple(types.items())).error
        if error is None or error.port not in types or error.wanted is None:
            break
        wanted = error.wanted
        shape = tuple(size if isinstance(size, int) and size > 0 else rng.choice(SIZES) for size in wanted)
        types = types | {error.port: TensorType(shape, types[error.port].dtype)}
    return types


def with_symbols(rng: random.Random, case: Case) -> tuple[Types, dict[str, int]]:
    """The same wires with some sizes replaced by symbols (equal sizes often by the same one), and their values."""
    values: dict[str, int] = {}
    types: Types = {}
    for port, given in case.types.items():
        shape: list[Dim] = []
        for i, size in enumerate(given.shape):
            assert isinstance(size, int)
            if size == 1 or rng.random() < (
                0.85 if i == 1 else 0.5
            ):  # a symbol is never taken to stretch; C is known
                shape.append(size)
                continue
            name = f"s{size}" if rng.random() < 0.8 else f"{port}_{i}"
            values[name] = size
            shape.append(symbol(name))
        types[port] = TensorType(tuple(shape), given.dtype, given.roles)
    return types, values
