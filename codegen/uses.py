"""How a use of a block is built: one object of its class, or several in a row; what is left out is `nn.Identity()`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from codegen.layout import literal
from codegen.origins import Origins, plain_value
from codegen.spelled import expanded
from codegen.useform import Call, UseForm
from graph_ir.block_graphs import INDEX
from graph_ir.blocks import Nested
from graph_ir.dims import Dim, Expr, symbol
from graph_ir.expressions import BadExpression, Value, evaluate
from graph_ir.kinds import Json, is_expression
from graph_ir.report import LayerReport, Report
from graph_ir.spelling import TOKEN, token

_SLOT = re.compile(r"\bspelled_[0-9a-f]+_\b|(?<![\w.])\d+(?![\w.])")


@dataclass(frozen=True)
class Argument:
    """An argument of a printed class: the canonical `key` of what it stands for, its name there, type and default.

    It is the size of `axis` at `port`, or (without a port) the parameter `parameter` of the block.
    """

    key: str
    name: str
    type: str
    port: str = ""
    axis: int = 0
    parameter: str = ""
    default: str | None = None


class BuiltClass(Protocol):
    """What has to be known of a block's class where it is used."""

    name: str
    arguments: Sequence[Argument]
    takes: tuple[str, ...]


@dataclass(frozen=True)
class UsePrinter:
    """One use in the network that is printed: `entry` as it is printed, `plain` with plain numbers.

    `names` are what expressions there may name; `classes` lead from a report inside to its class.
    """

    entry: LayerReport
    plain: LayerReport
    names: Mapping[str, Value | None]
    origins: Origins
    classes: Mapping[int, BuiltClass]

    @property
    def _raw(self) -> Mapping[str, Json]:
        return self.entry.node.values

    @property
    def is_row(self) -> bool:
        """Whether there are several in a row, so that their number stands in the `state_dict`."""
        raw = self._raw.get("repeat", 1)
        return is_expression(raw) or raw > 1

    def items(self, *, exact: bool = False) -> list[str | None]:
        """The constructor of each repetition; None where it is left out."""
        pairs = zip(self.entry.nested, self.plain.nested, strict=True)
        return [self._item(nested, plain, exact=exact) for nested, plain in pairs]

    def _item(self, nested: Nested, plain: Nested, *, exact: bool) -> str | None:
        if plain.report is None or nested.report is None:
            return None
        made = self.classes[id(plain.report)]
        given: list[str] = []
        for one in made.arguments:
            text = self._argument(one, nested, nested.report)
            if one.default is None:
                given.append(text)
            elif exact or text != one.default:
                given.append(f"{one.name}={text}")
        return f"{made.name}({', '.join(given)})"

    def _argument(self, argument: Argument, nested: Nested, report: Report) -> str:
        if argument.port:
            return literal(report.layers[argument.port].outputs["y"].shape[argument.axis])
        raw = self._raw.get("parameters", {}).get(argument.parameter)
        found = self.origins.token(raw[1:], self._known(nested.index)) if is_expression(raw) else None
        return found or literal(plain_value(nested.parameters[argument.parameter]))

    def _known(self, index: int) -> dict[str, Value | None]:
        return {**self.names, INDEX: index}

    def _condition(self, index: int) -> Value:
        """True, false, or a token for what decides whether a repetition is there."""
        raw = self._raw.get("when", True)
        if not is_expression(raw):
            return bool(raw)
        return self.origins.words(raw[1:], self._known(index))

    @property
    def is_plain(self) -> bool:
        """One input, one output, no lengths: a row of them is an `nn.Sequential`."""
        spec = self.entry.layer.spec if self.entry.layer else None
        return (
            spec is not None and len(spec.inputs) == len(spec.outputs) == 1 and not any(self._takes.values())
        )

    @property
    def _takes(self) -> dict[int, tuple[str, ...]]:
        """The lengths that the class of each repetition reads."""
        nested = self.plain.nested
        return {each.index: self.classes[id(each.report)].takes for each in nested if each.report is not None}

    def constructor(self, items: Sequence[str | None]) -> str:
        """What `__init__` assigns; "" where nothing is ever there. `items` are the constructors of all repetitions."""
        choices = [self._choice(index, item) for index, item in enumerate(items)]
        if not self.is_row:
            return choices[0]
        count = self._count(len(items))
        if not self.is_plain:
            there = [item for item in choices if item]
            return _module_list(there, count if len(there) == len(choices) else str(len(there)))
        return f"nn.Sequential({', '.join(_row(choices, count))})"

    def _choice(self, index: int, item: str | None) -> str:
        condition = self._condition(index)
        if item is None or condition is False:
            return "nn.Identity()" if self.is_plain else ""
        if condition is True:
            return item
        return f"{item} if {condition} else {'nn.Identity()' if self.is_plain else 'None'}"

    def _count(self, count: int) -> str:
        """The number of repetitions as source."""
        raw = self._raw.get("repeat", 1)
        return literal(self.origins.value(raw[1:], count, self.names)) if is_expression(raw) else str(count)

    def place(self, index: int) -> int:
        """The place of a repetition in its row: what is left out has one only where something passes it."""
        there = [nested.index for nested in self.plain.nested if nested.report is not None]
        return index if self.is_plain else there.index(index)

    def form(self, attribute: str, each: str) -> UseForm:
        """How it is called in `forward`; a loop over its repetitions calls one of them `each`."""
        module = f"self.{attribute}"
        there = [nested.index for nested in self.plain.nested if nested.report is not None]
        condition = self._condition(0)
        if self.is_plain:
            return UseForm((Call(module, there[0] if there else 0),))
        if not there:
            return UseForm(())
        takes = self._takes
        if not self.is_row:
            return UseForm((Call(module, 0, takes[0]),), optional=not isinstance(condition, bool))
        read = [[self.plain.nested[index].lengths[name] for name in takes[index]] for index in there]
        if any(one != read[0] for one in read):
            return UseForm(
                tuple(Call(f"{module}[{at}]", index, takes[index]) for at, index in enumerate(there))
            )
        return UseForm((Call(each, there[0], takes[there[0]], f"for {each} in {module}:"),))


def _module_list(items: Sequence[str], count: str) -> str:
    row = _row(items, count)
    if len(row) == 1 and row[0].startswith("*("):
        return f"nn.ModuleList({row[0].removeprefix('*(').removesuffix(')')})"
    return f"nn.ModuleList([{', '.join(row)}])"


def _row(items: Sequence[str], count: str) -> list[str]:
    """The entries of a row: runs of equal ones, or ones that grow evenly, as one."""
    number, symbolic = len(items), not count.isdigit()
    if symbolic or number > 1:
        if len(set(items)) == 1:
            return [f"*({items[0]} for _ in range({count}))"]
        if len(set(items[1:])) == 1 and (symbolic or number > 2):
            return [items[0], f"*({items[1]} for _ in range({_less_one(count)}))"]
        if len(set(items[:-1])) == 1 and number > 2 and not symbolic:
            return [f"*({items[0]} for _ in range({number - 1}))", items[-1]]
    if number > 2:
        even = _evenly(items)
        if even:
            return [f"*({even} for i in range({count}))"]
        even = _evenly(items[1:], 1) if number > 3 else ""
        if even:
            return [items[0], f"*({even} for i in range(1, {count}))"]
    return list(items)


def _less_one(count: str) -> str:
    return str(int(count) - 1) if count.isdigit() else token(f"{_grouped(expanded(count))} - 1")


def _grouped(words: str) -> str:
    return words if words.isidentifier() else f"({words})"


def _evenly(items: Sequence[str], start: int = 0) -> str:
    """One entry over `i` for entries whose numbers grow evenly; "" where they do not."""
    skeletons = {_SLOT.sub("_", item) for item in items}
    slots = [_SLOT.findall(item) for item in items]
    if len(skeletons) != 1 or len(items) < 3:
        return ""
    words: list[str] = []
    for column in zip(*slots, strict=True):
        text = _even_words(column, start)
        if text is None:
            return ""
        words.append(text)
    return _SLOT.sub(lambda _: words.pop(0), items[0])


def _even_words(column: Sequence[str], start: int) -> str | None:
    if len(set(column)) == 1:
        return column[0]
    sizes = [_size(text) for text in column]
    if any(size is None for size in sizes):
        return None
    first, second = sizes[0], sizes[1]
    assert first is not None and second is not None, "just seen"
    step = second - first
    if any(size != first + step * at for at, size in enumerate(sizes)):
        return None
    base, factor = first - step * start, f"*{_grouped(str(step))}" if step != 1 else ""
    return token(f"i{factor}" if base == 0 else f"{base} + i{factor}")


def _size(text: str) -> Dim | None:
    words = expanded(text) if TOKEN.fullmatch(text) else text
    names = {name: symbol(name) for name in re.findall(r"[a-z]\w*", words)}
    try:
        found = evaluate(words, names)
    except BadExpression:
        return None
    return found if isinstance(found, int | Expr) and not isinstance(found, bool) else None
