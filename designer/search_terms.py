"""What single terms of a search ask of a layer. Knows no layer by name: it reads declarations."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import eq, ge, gt, le, lt, ne

from graph_ir.dims import Dim
from graph_ir.kinds import Json
from graph_ir.layers import catalogue
from graph_ir.report import LayerReport
from graph_ir.signature import TensorType
from graph_ir.use_words import block_of

SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": ge,
    "<=": le,
    "!=": ne,
    "=": eq,
    "<": lt,
    ">": gt,
}
COSTS = {
    "params": "parameters",
    "parameters": "parameters",
    "macs": "macs",
    "memory": "memory",
    "inputs": "inputs",
    "outputs": "outputs",
    "rank": "rank",
}
SEVERITIES = ("error", "warning", "hint")
_UNITS = {"": 1, "k": 1e3, "m": 1e6, "g": 1e9, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "t": 1e12}
_NUMBER = re.compile(r"([+-]?(?:\d[\d_]*)?(?:\.\d+)?(?:e[+-]?\d{1,3})?)([a-z]{0,2})", re.IGNORECASE)
_LETTER = re.compile(r"[A-Z]")
_SPACES = str.maketrans("", "", " \t\n_.")


class BadQuery(Exception):
    """What is wrong with a query, in one sentence."""


@dataclass(frozen=True)
class Subject:
    """A layer as Find sees it. `note` is what the person wrote about it, `costs` gives figures by name."""

    entry: LayerReport
    note: str = ""
    costs: Callable[[str], Dim | None] = lambda _name: None

    @property
    def texts(self) -> tuple[str, ...]:
        """All that plain words are looked for in."""
        node = self.entry.node
        return node.id, node.label or "", node.type, block_of(node), self.note

    @property
    def severities(self) -> frozenset[str]:
        """How bad its problems are."""
        return frozenset(problem.severity for problem in self.entry.problems)


Test = Callable[[Subject], bool]
"""Whether a layer is meant."""


# Words


def words_test(word: str) -> tuple[Test, Test]:
    wanted = plain(word)
    severities = frozenset(SEVERITIES) if wanted in ("problem", "problems") else frozenset({wanted})

    def said(subject: Subject) -> bool:
        if wanted in plain(subject.entry.node.id):
            return True
        if subject.entry.problems and severities & subject.severities:
            return True
        return any(wanted in plain(text) for text in subject.texts if text)

    def nearly(subject: Subject) -> bool:
        return said(subject) or (
            len(wanted) > 1 and any(_scattered(wanted, plain(text)) for text in subject.texts[:4])
        )

    return said, nearly


@lru_cache(1 << 16)
def plain(text: str) -> str:
    """A text without what people leave out: case, spaces, dots and underscores."""
    return text.translate(_SPACES).casefold()


def _scattered(letters: str, text: str) -> bool:
    rest = iter(text)
    return text[:1] == letters[:1] and all(letter in rest for letter in letters)


def in_text(pick: Callable[[Subject], Iterable[str]]) -> Callable[[str], Test]:
    def make(value: str) -> Test:
        wanted = plain(value)
        return lambda subject: any(wanted in plain(text) for text in pick(subject))

    return make


def types(subject: Subject) -> Iterable[str]:
    layer = subject.entry.layer
    return subject.entry.node.type, *(layer.spec.aliases if layer else ()), block_of(subject.entry.node)


def dtypes(subject: Subject) -> Iterable[str]:
    return [given.dtype for given in subject.entry.outputs.values()]


# Shapes and sizes


def shape_test(value: str) -> Test:
    wanted = [part.strip() for part in re.split(r"[,×·]", value.strip("()[] ")) if part.strip()]
    many = sum(part in ("...", "…") for part in wanted)
    if not wanted or many > 1:
        raise BadQuery("A shape is written as in shape:N,64,*: sizes with commas, and “...” at most once.")

    def holds(subject: Subject) -> bool:
        return any(_fits(wanted, [str(dim) for dim in given.shape]) for given in _results(subject))

    return holds


def _results(subject: Subject) -> Iterable[TensorType]:
    """What a layer gives; of one that gives nothing, what it reads."""
    entry = subject.entry
    return entry.outputs.values() or [given for given in entry.inputs.values() if given is not None]


def _fits(wanted: list[str], shape: list[str]) -> bool:
    rest = next((place for place, part in enumerate(wanted) if part in ("...", "…")), None)
    if rest is not None:
        behind = len(wanted) - rest - 1
        if len(shape) < rest + behind:
            return False
        shape = shape[:rest] + shape[len(shape) - behind :]
        wanted = wanted[:rest] + wanted[rest + 1 :]
    return len(wanted) == len(shape) and all(
        part in ("*", "?") or part.casefold() == size.casefold()
        for part, size in zip(wanted, shape, strict=True)
    )


def comparison(name: str, sign: str, value: str, known: Collection[str]) -> Test:
    if not value:
        raise BadQuery(f"Say a value behind “{name}{sign}”, as in {name}{sign}64.")
    if name.casefold() in COSTS:
        return _cost(COSTS[name.casefold()], sign, _number(name, sign, value))
    if name in _fields() or name in known:
        return _field(name, sign, value)
    if _LETTER.fullmatch(name):
        return _axis(name, sign, value)
    near = sorted(field for field in _fields() if plain(name) in plain(field))[:3]
    hint = f"; did you mean {' or '.join(near)}?" if near else ": try C=512, params>1M or out_channels=64."
    raise BadQuery(f"“{name}” is no axis letter, no cost and no field of any layer{hint}")


def _axis(letter: str, sign: str, value: str) -> Test:
    wanted = _as_number(value)
    if wanted is None and sign not in ("=", "!="):
        raise BadQuery(f"“{value}” is no number, so that {letter} can't be compared with it.")

    def holds(subject: Subject) -> bool:
        sizes = [
            size
            for given in _results(subject)
            for size, role in zip(given.shape, given.roles, strict=True)
            if role == letter
        ]
        return any(_compares(size, sign, value, wanted) for size in sizes)

    return holds


def _compares(size: Dim, sign: str, text: str, wanted: float | None) -> bool:
    if isinstance(size, int) and wanted is not None:
        return SIGNS[sign](size, wanted)
    return sign in ("=", "!=") and (str(size).replace(" ", "") == text.replace(" ", "")) is (sign == "=")


def _cost(name: str, sign: str, wanted: float) -> Test:
    def holds(subject: Subject) -> bool:
        entry = subject.entry
        own: dict[str, Callable[[], Dim | None]] = {
            "parameters": lambda: entry.parameters,
            "inputs": lambda: sum(given is not None for given in entry.inputs.values()),
            "outputs": lambda: len(entry.outputs),
            "rank": lambda: next((len(given.shape) for given in _results(subject)), None),
        }
        value = own[name]() if name in own else subject.costs(name)
        return isinstance(value, int) and SIGNS[sign](value, wanted)

    return holds


# Fields


@cache
def _fields() -> frozenset[str]:
    return frozenset(name for cls in catalogue().values() for name in cls.spec.fields)


def _field(name: str, sign: str, value: str) -> Test:
    wanted = _as_number(value)
    if wanted is None and sign not in ("=", "!="):
        raise BadQuery(f"“{value}” is no number, so that {name} can't be compared with it.")

    def holds(subject: Subject) -> bool:
        found = _value(subject.entry, name)
        if found is None:
            return False
        if sign in ("=", "!="):
            same = wanted in _numbers(found) if wanted is not None else False
            return (same or _spelled(found) == plain(value)) is (sign == "=")
        return wanted is not None and any(SIGNS[sign](number, wanted) for number in _numbers(found))

    return holds


def _value(entry: LayerReport, name: str) -> object:
    """What a field holds, worked out where the layer stands, else as the file says; of a use a block's parameter."""
    made = getattr(entry.layer, name, None) if entry.layer and name in entry.layer.spec.fields else None
    raw: Json = entry.node.values.get(name)
    if made is None and raw is None and block_of(entry.node):
        given = entry.nested[0].parameters if entry.nested else {}
        return given.get(name)
    return raw if made is None else made


def _numbers(value: object) -> list[float]:
    if isinstance(value, int | float):
        return [float(value)]
    return [number for each in value for number in _numbers(each)] if isinstance(value, tuple | list) else []


def _spelled(value: object) -> str:
    return plain("x".join(map(str, value)) if isinstance(value, tuple | list) else str(value))


def _number(name: str, sign: str, value: str) -> float:
    found = _as_number(value)
    if found is None:
        raise BadQuery(f"“{value}” is no number: write as in {name}{sign}1M or {name}{sign}1e6.")
    return found


def _as_number(text: str) -> float | None:
    """`64`, `1.5M`, `1e9`, `4 MB`."""
    found = _NUMBER.fullmatch(text.replace(",", ""))
    unit = found[2].casefold() if found else ""
    if not found or unit not in _UNITS:
        return None
    try:
        return float(found[1].replace("_", "")) * _UNITS[unit]
    except ValueError:
        return None
