"""From statements with open names to the lines of `forward`: short chains stand in one line, every value gets a name.

A value that only the very next statement reads, and reads first, becomes a part of it while that stays readable; one
that is read before anything else is assigned is called `x`; every other is called after its layer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from codegen.flow import PLACE, Flow, Line, Value
from codegen.joining import depth, is_read_first, join
from codegen.layout import WIDTH
from codegen.names import Names
from codegen.support import FILL, PACKED
from codegen.tensor_types import is_tensor

DEEPEST = 3
"""So many calls may lie inside one another in a line."""

Describe = Callable[[Value, Value | None], str]
"""The comment beside a statement: the shape of the first value, where it is not that of the second."""


@dataclass(frozen=True)
class Row:
    """A statement of `forward` with the layers it is about, and the head of its loop."""

    text: str
    comment: str = ""
    ids: tuple[str, ...] = ()
    loop: str = ""


@dataclass(frozen=True)
class Namer:
    """How values are called: `known` are arguments (tensors), `x` the name of what is read at once ("" for none).

    `locals` are identifiers by layer, `names` gives further ones. `margin` is how far statements are indented.
    """

    flow: Flow
    known: Collection[str]
    locals: Mapping[str, str]
    names: Names
    x: str
    describe: Describe
    margin: int = 8

    def rows(self, result: Value | None = None, output: str = "") -> tuple[list[Row], dict[str, str]]:
        """The statements, and what each place is called.

        Where `result` alone is returned, `return` stands behind them, and it is called `output` if need be.
        """
        final = self.flow.variables[result] if result is not None else ""
        lines = self._joined(self.flow.lines, final, output)
        names = self._names(lines, final, output)
        rows = [self._row(line, names) for line in lines]
        rows = [row for row in rows if row.text.partition(" = ")[0] != row.text.partition(" = ")[2]]
        return (rows if result is None else self._returned(rows, _named(final, names))), names

    def _row(self, line: Line, names: Mapping[str, str]) -> Row:
        text = _named(f"{line.target} = {line.source}", names)
        return Row(text, self._comment(line), line.ids, line.loop)

    def _comment(self, line: Line) -> str:
        return self.describe(line.gives, line.takes) if line.gives else ""

    def _joined(self, lines: Sequence[Line], final: str, output: str) -> list[Line]:
        likely = {place: self._own_name(value) for place, value in self.flow.places.items()}
        likely |= dict.fromkeys(_read_at_once(lines) if self.x else (), self.x)
        likely |= {
            final: f"{output}: Tensor" if output else "retur"
        }  # as long as the longest that it may become
        reads: dict[str, int] = {}
        for line in lines:
            for place in PLACE.findall(line.source):
                reads[place] = reads.get(place, 0) + 1
        results = {self.flow.variables[value] for value in self.flow.results}
        found: list[Line] = []
        for line in lines:
            current = line
            while found and self._can_join(found[-1], current, reads, results, likely):
                current = join(found.pop(), current)
            found.append(current)
        return found

    def _can_join(
        self,
        inner: Line,
        outer: Line,
        reads: Mapping[str, int],
        results: set[str],
        likely: Mapping[str, str],
    ) -> bool:
        place = inner.target
        if not inner.joins or outer.loop or reads.get(place) != 1 or place in results:
            return False
        if place not in outer.source or (outer.is_step and (inner.is_step or inner.pools)):
            return False
        if inner.is_use and outer.pools:
            return False
        if any(word in f"{inner.source}{outer.source}" for word in (FILL, PACKED)):
            return False
        if not is_read_first(outer.source, place):
            return False
        joined = join(inner, outer)
        if depth(joined.source) > DEEPEST:
            return False
        return self._width(joined, likely) <= WIDTH

    def _width(self, line: Line, likely: Mapping[str, str]) -> int:
        """With the names that are likely: what goes on at once is called `x`."""
        return self.margin + len(_named(f"{line.target} = {line.source}", likely))

    def _own_name(self, value: Value) -> str:
        first = self.flow.layer(value[0]).spec.outputs[0].name == value[1]
        return self.locals[value[0]] if first else f"{self.locals[value[0]]}_{value[1]}"

    def _names(self, lines: Sequence[Line], final: str, output: str) -> dict[str, str]:
        at_once = _read_at_once(lines) if self.x else set()
        several = len(self.flow.results) > 1
        at_once -= {
            place for line in lines if len(found := PLACE.findall(line.target)) > 1 for place in found
        }
        results = {self.flow.variables[value] for value in self.flow.results} if several else set()
        names: dict[str, str] = {}
        for place in _in_order(lines):
            value = self.flow.places[place]
            if place == final and output:
                names[place] = self.names.allocate(output, "output")
            elif place in at_once and place not in results and self.flow.is_main(value):
                names[place] = self.x
            else:
                own = self._own_name(value)
                names[place] = own if own == self.locals[value[0]] else self.names.allocate(own, own)
        return names

    def _returned(self, rows: list[Row], name: str) -> list[Row]:
        """The rows with `return` behind them: of the last statement itself where its type is known."""
        tensors = _tensors(rows, self.known)
        last = rows[-1] if rows else None
        if last and not last.loop and last.text.startswith(f"{name} = "):
            source = last.text.removeprefix(f"{name} = ")
            if is_tensor(source, tensors[len(rows) - 1]):
                return [*rows[:-1], replace(last, text=f"return {source}")]
        typed = [*self._typed(rows, name, tensors)]
        return [*typed, Row(f"return {name}")]

    def _typed(self, rows: list[Row], name: str, tensors: Sequence[Collection[str]]) -> list[Row]:
        """Calling a module gives Any: where the result comes from one, its variable says that it is a Tensor."""
        if name in self.known or not name.isidentifier():
            return rows
        at = next(i for i, row in enumerate(rows) if name in re.findall(r"\w+", _target(row)))
        row = rows[at]
        if _target(row) != name:
            return [*rows[:at], Row(f"{name}: Tensor", ids=row.ids), *rows[at:]]
        source = row.text.removeprefix(f"{name} = ")
        if is_tensor(source, tensors[at]):
            return rows
        return [*rows[:at], replace(row, text=f"{name}: Tensor = {source}"), *rows[at + 1 :]]


def _target(row: Row) -> str:
    return row.text.partition(" = ")[0]


def _named(text: str, names: Mapping[str, str]) -> str:
    return PLACE.sub(lambda found: names[found[0]], text)


def _in_order(lines: Sequence[Line]) -> list[str]:
    return list(dict.fromkeys(place for line in lines for place in PLACE.findall(line.target)))


def _read_at_once(lines: Sequence[Line]) -> set[str]:
    """The places that the next assignment of another reads, and nothing behind that; each time they are assigned."""
    targets = [PLACE.findall(line.target) for line in lines]
    last: dict[str, int] = {}
    for i, line in enumerate(lines):
        last |= {place: i for place in PLACE.findall(line.source) if line.target != place}
    kept: set[str] = set()
    for i, given in enumerate(targets):
        for place in given:
            following = next((j for j in range(i + 1, len(lines)) if set(targets[j]) - {place}), None)
            if following is not None and last.get(place, -1) != following:
                kept.add(place)
    return {place for given in targets for place in given} - kept


def _tensors(rows: Sequence[Row], known: Collection[str]) -> list[set[str]]:
    """In front of each row: the variables that a type checker knows to be tensors, by their first assignment."""
    found: list[set[str]] = []
    tensors, seen = set(known), set(known)
    for row in rows:
        found.append(set(tensors))
        for name in re.findall(r"\w+", _target(row)):
            if name not in seen and _target(row) == name and is_tensor(row.text.partition(" = ")[2], tensors):
                tensors.add(name)
            seen.add(name)
    return found
