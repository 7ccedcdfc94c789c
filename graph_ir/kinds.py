"""What a field of a layer may hold: the one place for its type, limits, conversion, canonical form and JSON Schema.

A value passes through three forms: *raw* (as JSON gives it), *value* (hashable, what a layer computes with) and raw
again (`dump`, canonical). `accepts` looks at the JSON type alone: a design with a wrong type is not a design.
`convert` looks at the limits: a value out of range opens and is marked as an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from graph_ir.dims import Dim, Expr, symbol, to_json

Json = Any
"""A value as `json.loads` gives it."""


class BadValue(ValueError):
    """A value outside what its field allows; the text says what is allowed."""


def is_expression(raw: Json) -> bool:
    """Whether a raw value is an expression over parameters (`"=width*2"`)."""
    return isinstance(raw, str) and raw.startswith("=")


class Kind:
    """The common form of all kinds; `name` stands in the reference."""

    name = "any"
    refers = False
    names_file = False
    """Whether the value is the name of a file that lies beside the design, and is wanted beside its code."""
    """Whether the value is the id of another layer."""
    samples: ClassVar[Sequence[Json]] = ()
    """Good values, where a grammar decides what is one."""

    def accepts(self, raw: Json) -> bool:
        """Whether the JSON type is right (an expression always is)."""
        raise NotImplementedError

    def convert(self, raw: Json) -> Any:
        """The value, from an accepted raw value. Raises BadValue with the limit in words."""
        raise NotImplementedError

    def dump(self, value: Any) -> Json:
        """The canonical raw form of a value."""
        return value

    def describe(self) -> str:
        """What is allowed, in words: "an integer of at least 1"."""
        raise NotImplementedError

    def schema(self) -> dict[str, Json]:
        """JSON Schema of the raw value, expressions aside."""
        raise NotImplementedError


def _is_int(raw: Json) -> bool:
    return isinstance(raw, int) and not isinstance(raw, bool)


@dataclass(frozen=True)
class Integer(Kind):
    """An int with limits; `low` and `high` are included."""

    low: int | None = None
    high: int | None = None
    name = "integer"

    def accepts(self, raw: Json) -> bool:
        return _is_int(raw) or isinstance(raw, Expr)

    def convert(self, raw: Json) -> int:
        if isinstance(raw, Expr):
            raise BadValue(f"must be a known integer, but is {raw}")
        value: int = raw
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            raise BadValue(f"is {value}, but must be {self.describe()}")
        return value

    def describe(self) -> str:
        return "an integer" + _limits(self.low, self.high)

    def schema(self) -> dict[str, Json]:
        return {"type": "integer"} | _bounds(self.low, self.high)


@dataclass(frozen=True)
class Number(Kind):
    """A float with limits (included, unless `above` says that `low` itself is not allowed)."""

    low: float | None = None
    high: float | None = None
    above: bool = False
    name = "number"

    def accepts(self, raw: Json) -> bool:
        return _is_int(raw) or isinstance(raw, float | Expr)

    def convert(self, raw: Json) -> float:
        if isinstance(raw, Expr):
            raise BadValue(f"must be a known number, but is {raw}")
        value = raw if isinstance(raw, float) else float(raw)
        too_low = self.low is not None and (value <= self.low if self.above else value < self.low)
        if too_low or (self.high is not None and value > self.high):
            raise BadValue(f"is {raw}, but must be {self.describe()}")
        return value

    def describe(self) -> str:
        if self.above:
            upper = f" and at most {self.high:g}" if self.high is not None else ""
            return f"a number above {self.low:g}{upper}"
        return "a number" + _limits(self.low, self.high)

    def schema(self) -> dict[str, Json]:
        bounds = _bounds(self.low, self.high)
        if self.above:
            bounds["exclusiveMinimum"] = bounds.pop("minimum")
        return {"type": "number"} | bounds


@dataclass(frozen=True)
class Flag(Kind):
    """true or false."""

    name = "flag"

    def accepts(self, raw: Json) -> bool:
        return isinstance(raw, bool)

    def convert(self, raw: Json) -> bool:
        return bool(raw)

    def describe(self) -> str:
        return "true or false"

    def schema(self) -> dict[str, Json]:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Text(Kind):
    """Free text of at most `longest` characters."""

    longest: int = 200
    name = "text"

    def accepts(self, raw: Json) -> bool:
        return isinstance(raw, str)

    def convert(self, raw: Json) -> str:
        if len(raw) > self.longest:
            raise BadValue(f"has {len(raw)} characters, but must be {self.describe()}")
        text: str = raw
        return text

    def describe(self) -> str:
        return f"text of at most {self.longest} characters"

    def schema(self) -> dict[str, Json]:
        return {"type": "string", "maxLength": self.longest}


class FileName(Text):
    """The name of a file beside the design (`vectors/glove.txt`): exports and runs get a copy."""

    name = "file"
    names_file = True

    def describe(self) -> str:
        return "the name of a file beside the design"


class Reference(Text):
    """The id of another layer of the same network; renaming that layer rewrites it."""

    name = "layer"
    refers = True

    def describe(self) -> str:
        return "the id of a layer"


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few words."""

    options: tuple[str, ...]
    name = "choice"

    def accepts(self, raw: Json) -> bool:
        return isinstance(raw, str)

    def convert(self, raw: Json) -> str:
        if raw not in self.options:
            raise BadValue(f"is {str(raw)[:40]!r}, but must be {self.describe()}")
        return str(raw)

    def describe(self) -> str:
        *first, last = (repr(option) for option in self.options)
        return f"{', '.join(first)} or {last}" if first else last

    def schema(self) -> dict[str, Json]:
        return {"enum": list(self.options)}


@dataclass(frozen=True)
class Nothing(Kind):
    """null, where torch has None for a default."""

    name = "null"

    def accepts(self, raw: Json) -> bool:
        return raw is None

    def convert(self, raw: Json) -> None:
        return None

    def describe(self) -> str:
        return "null"

    def schema(self) -> dict[str, Json]:
        return {"type": "null"}


@dataclass(frozen=True)
class Span(Kind):
    """One int per spatial axis; a single int stands for all of them, as in torch."""

    rank: int
    item: Kind = Integer()
    name = "span"

    def accepts(self, raw: Json) -> bool:
        if isinstance(raw, list | tuple):
            return all(is_expression(entry) or self.item.accepts(entry) for entry in raw)
        return self.item.accepts(raw)

    def convert(self, raw: Json) -> tuple[Any, ...]:
        if not isinstance(raw, list | tuple):
            return (self.item.convert(raw),) * self.rank
        if len(raw) != self.rank:
            raise BadValue(f"has {len(raw)} entries, but must be {self.describe()}")
        return tuple(self.item.convert(entry) for entry in raw)

    def dump(self, value: Any) -> Json:
        return value[0] if len(set(value)) == 1 else list(value)

    def describe(self) -> str:
        if self.rank == 1:
            return self.item.describe()
        return f"{self.item.describe()}, or a list of {self.rank} of them"

    def schema(self) -> dict[str, Json]:
        item = self.item.schema()
        return {
            "anyOf": [item, {"type": "array", "items": item, "minItems": self.rank, "maxItems": self.rank}]
        }


@dataclass(frozen=True)
class Integers(Kind):
    """A list of ints; with `alone` a single int stands for a list of one."""

    item: Integer = Integer()
    alone: bool = False
    shortest: int = 1
    name = "integers"

    def accepts(self, raw: Json) -> bool:
        if isinstance(raw, list | tuple):
            return all(is_expression(entry) or self.item.accepts(entry) for entry in raw)
        return self.alone and self.item.accepts(raw)

    def convert(self, raw: Json) -> tuple[int, ...]:
        entries = raw if isinstance(raw, list | tuple) else [raw]
        if len(entries) < self.shortest:
            raise BadValue(f"is empty, but must be {self.describe()}")
        return tuple(self.item.convert(entry) for entry in entries)

    def dump(self, value: Any) -> Json:
        return value[0] if self.alone and len(value) == 1 else list(value)

    def describe(self) -> str:
        item = self.item.describe()
        return f"{item}, or a list of them" if self.alone else f"a list, each entry {item}"

    def schema(self) -> dict[str, Json]:
        array = {"type": "array", "items": self.item.schema(), "minItems": self.shortest}
        return {"anyOf": [self.item.schema(), array]} if self.alone else array


@dataclass(frozen=True)
class Numbers(Kind):
    """A list of floats, such as one weight for each class."""

    item: Number = Number()
    shortest: int = 1
    name = "numbers"

    def accepts(self, raw: Json) -> bool:
        return isinstance(raw, list | tuple) and all(
            is_expression(entry) or self.item.accepts(entry) for entry in raw
        )

    def convert(self, raw: Json) -> tuple[float, ...]:
        if len(raw) < self.shortest:
            raise BadValue(f"is empty, but must be {self.describe()}")
        return tuple(self.item.convert(entry) for entry in raw)

    def dump(self, value: Any) -> Json:
        return list(value)

    def describe(self) -> str:
        return f"a list, each entry {self.item.describe()}"

    def schema(self) -> dict[str, Json]:
        return {"type": "array", "items": self.item.schema(), "minItems": self.shortest}


@dataclass(frozen=True)
class Table(Kind):
    """Rows of ints, none empty, such as the inputs that each output sees."""

    item: Integer = Integer()
    name = "table"

    @property
    def _row(self) -> Integers:
        return Integers(self.item)

    def accepts(self, raw: Json) -> bool:
        return isinstance(raw, list | tuple) and all(
            is_expression(entry) or self._row.accepts(entry) for entry in raw
        )

    def convert(self, raw: Json) -> tuple[tuple[int, ...], ...]:
        if not raw or not all(isinstance(row, list | tuple) and row for row in raw):
            raise BadValue(f"has no rows or an empty one, but must be {self.describe()}")
        return tuple(self._row.convert(row) for row in raw)

    def dump(self, value: Any) -> Json:
        return [list(row) for row in value]

    def describe(self) -> str:
        return f"a list of rows, each a list of at least one entry, each entry {self.item.describe()}"

    def schema(self) -> dict[str, Json]:
        return {"type": "array", "items": self._row.schema(), "minItems": 1}


@dataclass(frozen=True)
class Sizes(Kind):
    """A shape: a list of ints of at least 1 and symbols; with `rest` one entry may be -1."""

    rest: bool = False
    name = "shape"

    def accepts(self, raw: Json) -> bool:
        return isinstance(raw, list | tuple) and all(
            _is_int(entry) or isinstance(entry, str | Expr) for entry in raw
        )

    def convert(self, raw: Json) -> tuple[Dim, ...]:
        return tuple(self._entry(entry) for entry in raw)

    def _entry(self, entry: Json) -> Dim:
        if isinstance(entry, Expr):
            return entry
        if isinstance(entry, str):
            if not entry.isidentifier() or not entry.isascii() or len(entry) > 40:
                raise BadValue(
                    f"has the entry {entry[:40]!r}, but a symbol must be a short ASCII name such as 'T'"
                )
            return symbol(entry)
        if entry < 1 and not (self.rest and entry == -1):
            raise BadValue(f"has the entry {entry}, but must be {self.describe()}")
        size: int = entry
        return size

    def dump(self, value: Any) -> Json:
        return [to_json(entry) for entry in value]

    def describe(self) -> str:
        return "a list of sizes of at least 1 and symbols" + (
            ", one of them -1 for the rest" if self.rest else ""
        )

    def schema(self) -> dict[str, Json]:
        low = -1 if self.rest else 1
        symbolic = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}
        return {"type": "array", "items": {"anyOf": [{"type": "integer", "minimum": low}, symbolic]}}


class Either(Kind):
    """The first kind whose type fits decides."""

    def __init__(self, *kinds: Kind) -> None:
        self.kinds: Sequence[Kind] = kinds
        self.name = " or ".join(kind.name for kind in kinds)
        self.refers = any(kind.refers for kind in kinds)
        self.names_file = any(kind.names_file for kind in kinds)

    def accepts(self, raw: Json) -> bool:
        return any(kind.accepts(raw) for kind in self.kinds)

    def convert(self, raw: Json) -> Any:
        return next(kind for kind in self.kinds if kind.accepts(raw)).convert(raw)

    def dump(self, value: Any) -> Json:
        fitting = [kind for kind in self.kinds if kind.accepts(value)]
        return fitting[0].dump(value) if fitting else value

    def describe(self) -> str:
        return ", or ".join(kind.describe() for kind in self.kinds)

    def schema(self) -> dict[str, Json]:
        return {"anyOf": [kind.schema() for kind in self.kinds]}


def _limits(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    if low is not None:
        return f" of at least {low:g}"
    return f" of at most {high:g}" if high is not None else ""


def _bounds(low: float | None, high: float | None) -> dict[str, Json]:
    bounds: Mapping[str, float | None] = {"minimum": low, "maximum": high}
    return {key: value for key, value in bounds.items() if value is not None}
