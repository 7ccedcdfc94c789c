"""One class for each block of the drawing: printed from one use of it, and held against all others.

Uses that would need other code (a rule of a layer may branch on a value) get a class of their own: always right, rarely
needed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from codegen.body import LOCAL, Body, Identifiers
from codegen.chain import chain_rows
from codegen.classtext import constructor_rows, forward_rows
from codegen.describing import Shapes
from codegen.flow import Value
from codegen.instances import Instance
from codegen.layout import literal
from codegen.names import Names, class_name
from codegen.naming import Row
from codegen.origins import Origins
from codegen.parts import plain, wrapped
from codegen.spelled import used_names, worked_out
from codegen.uses import Argument, BuiltClass, UsePrinter
from graph_ir.blocks import boundary, letters
from graph_ir.expressions import BadExpression
from graph_ir.expressions import Value as Given
from graph_ir.report import LayerReport, Report
from graph_ir.spelling import TOKEN, words_of

Texts = dict[str, list[str]]

_SIZES = {
    "C": "in_channels",
    "F": "in_features",
    "H": "height",
    "W": "width",
    "D": "depth",
    "T": "steps",
    "N": "batch",
}


@dataclass(eq=False)
class Candidate:
    """One use of a block as it would be printed: in words, and with its own numbers."""

    use: Instance
    identifiers: Identifiers
    classes: Mapping[int, BuiltClass]

    @cached_property
    def body(self) -> Body:
        """The body in words."""
        words = self.use.words
        return self._body(words.report, words.names, words.origins)

    @cached_property
    def numbers(self) -> Body:
        """The body with the numbers of this use."""
        use = self.use
        return self._body(use.report, {**letters(use.graph, use.types), **use.parameters}, Origins())

    def _body(self, report: Report, names: Mapping[str, Given | None], origins: Origins) -> Body:
        use, local = self.use, self.identifiers.locals
        known = {(node.id, "y"): local[node.id] for node in boundary(use.graph, "input")}
        brought = {length.of for given in use.types.values() for length in given.lengths if length}
        return Body(
            report,
            use.report,
            use.report.order,
            known,
            results_of(use),
            self.identifiers,
            self.classes,
            names,
            origins,
            {each: _lengths_name(each, local) for each in sorted(brought)},
        )

    @cached_property
    def written(self) -> tuple[Texts, list[str]]:
        """What is built and computed, in full, in words."""
        return _in_full(self.body)

    @cached_property
    def counted(self) -> tuple[Texts, list[str]]:
        """The same with numbers."""
        built, lines = _in_full(self.numbers)
        return {id: list(map(_plain_words, texts)) for id, texts in built.items()}, list(
            map(_plain_words, lines)
        )

    @property
    def extent(self) -> int:
        """How much of what is drawn is there."""
        return sum(bool(text) for texts in self.counted[0].values() for text in texts)


def _in_full(body: Body) -> tuple[Texts, list[str]]:
    lines = [f"{line.loop}{line.target} = {line.source}" for line in body.exact_lines]
    return body.exactly_built, lines


def _plain_words(text: str) -> str:
    return _alike(TOKEN.sub(lambda found: words_of(found[0]), text))


def _alike(text: str) -> str:
    """Equal numbers written alike: 1.0 is 1."""
    return re.sub(r"(?<![\w.])(\d+)\.0\b", r"\1", text)


def results_of(use: Instance) -> list[Value]:
    """What the block's network returns, in the order of its Outputs."""
    into = {wire.target: (wire.source, wire.source_port) for wire in use.report.wires}
    return [into[node.id] for node in boundary(use.graph, "output")]


def _lengths_name(carrier: str, local: Mapping[str, str]) -> str:
    port, _, axis = carrier.rpartition(".")
    return f"{local[port]}_lengths" if axis == "1" else f"{local[port]}_lengths_{axis}"


@dataclass(eq=False)
class BlockClass:
    """A printed class: its name, arguments and lengths, and where each layer stands behind `self.`.

    `candidates` are the uses it stands for; `providers` say which of them a layer is printed from.
    """

    name: str
    first: Candidate
    candidates: list[Candidate]
    providers: dict[str, Candidate]
    arguments: Sequence[Argument] = ()
    takes: tuple[str, ...] = ()
    rows: list[str] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    """By layer: its key in the `state_dict`."""


_MOST = 256
_remembered: dict[tuple[object, ...], list[BlockClass]] = {}
"""By block, title, names that are taken, and the reports of the uses, which the classes keep alive."""


class Classes:
    """The classes that were printed, and by report the one that a use has."""

    def __init__(self, taken: set[str], title: str) -> None:
        self.taken, self.title = taken, title
        self.printed: list[BlockClass] = []
        self.of: dict[int, BuiltClass] = {}

    def place(self, entry: LayerReport, index: int) -> int | None:
        """The place of a repetition in its row; None where there is but one."""
        use = UsePrinter(entry, entry, {}, Origins(), self.of)
        return use.place(index) if use.is_row else None

    def add(self, block: str, uses: Sequence[Instance]) -> None:
        """Prints the class, or the classes, of a block; what was printed of the same uses before is remembered."""
        inner = tuple(id(made) for made in self.printed)
        key = (block, self.title, frozenset(self.taken), inner, tuple(id(use.report) for use in uses))
        found = _remembered.get(key)
        if found is None:
            if len(_remembered) >= _MOST:
                _remembered.clear()
            found = _remembered[key] = self._grouped(block, uses)
        for group in found:
            self.taken.add(group.name)
            self.printed.append(group)
            self.of.update({id(one.use.report): group for one in group.candidates})

    def _grouped(self, block: str, uses: Sequence[Instance]) -> list[BlockClass]:
        found: list[BlockClass] = []
        left = sorted(
            (Candidate(use, Identifiers.of(use.report, Names(LOCAL)), self.of) for use in uses),
            key=lambda one: -one.extent,
        )
        while left:
            first, *others = left
            group = BlockClass(
                "", first, [first], {id: first for id, t in first.counted[0].items() if any(t)}
            )
            left = [other for other in others if not self._takes(group, other)]
            self._print(block, group, {one.name for one in found})
            found.append(group)
        return found

    def _takes(self, group: BlockClass, other: Candidate) -> bool:
        """Whether the group's code is right for another use; if so, it is one of the group."""
        first = group.first
        if first.use.form != other.use.form:
            return False
        known = other.use.known
        try:
            lines = [_alike(worked_out(line, known)) for line in first.written[1]]
            if lines != other.counted[1]:
                return False
            new: list[str] = []
            for id, texts in other.counted[0].items():
                if not any(texts):
                    continue
                if id not in group.providers:
                    new.append(id)
                elif not _covers(group.providers[id].written[0][id], texts, known):
                    return False
        except BadExpression:
            return False
        group.providers.update(dict.fromkeys(new, other))
        group.candidates.append(other)
        return True

    def _print(self, block: str, group: BlockClass, taken: set[str]) -> None:
        group.name = _free_name(class_name(block, "Block"), self.taken | taken)
        uses = [one.use for one in group.candidates]
        body, use = group.first.body, group.first.use
        built = {id: group.providers.get(id, group.first).body.built.get(id, []) for id in body.built}
        built |= {id: one.body.built[id] for id, one in group.providers.items() if id not in built}
        built = {id: built[id] for id in use.report.order if built.get(id)}
        flow = body.flow
        lines = [line.source for line in flow.lines]
        group.takes = tuple(each for each in body.carriers if each in flow.read_lengths)
        in_forward = [key for key in _keys(lines) if key.startswith("given_")]
        group.arguments = _arguments(
            use, {*_keys([t for texts in built.values() for t in texts]), *in_forward}, uses
        )
        shapes = Shapes(body.report, uses, group.arguments)
        docs = self._docstring(block, group, shapes)
        chained = None if group.takes else chain_rows(body, flow, built, group.arguments)
        if chained is not None:
            rows, group.keys = chained
            group.rows = [f"class {group.name}(nn.Sequential):", *docs, "", *rows]
        else:
            group.keys = dict(group.first.identifiers.attributes)
            group.rows = [
                f"class {group.name}(nn.Module):",
                *docs,
                "",
                *self._rows(group, body, shapes, built, in_forward),
            ]

    def _rows(
        self, group: BlockClass, body: Body, shapes: Shapes, built: Texts, in_forward: Sequence[str]
    ) -> list[str]:
        use, own = group.first.use, group.first.identifiers
        names = {one.key: one.name for one in group.arguments}
        stored = {names[key]: own.names.allocate(names[key], "value") for key in in_forward if key in names}
        reads = {key: f"{own.locals[port]}.shape[{axis}]" for (port, axis), key in reversed(use.axes.items())}
        reads |= {key: f"self.{stored[names[key]]}" for key in in_forward if key in names}
        outputs = boundary(use.graph, "output")
        result = body.results[0] if len(outputs) == 1 else None
        statements = body.forward(reads, shapes.changed, result, outputs[0].id)
        if result is None:
            given = ", ".join(body.values[value] for value in body.results)
            statements = [*statements, Row(f"return {given}")]
        gives = "Tensor" if result else f"tuple[{', '.join(['Tensor'] * len(outputs))}]"
        arguments = [own.locals[node.id] for node in boundary(use.graph, "input")]
        arguments += [body.carriers[each] for each in group.takes]
        constructed = constructor_rows(group.arguments, stored, built)
        rows = [
            *constructed,
            *([("", ())] if constructed else []),
            *forward_rows(arguments, gives, statements),
        ]
        return [row for row, _ in rows]

    def _docstring(self, block: str, group: BlockClass, shapes: Shapes) -> list[str]:
        use, local = group.first.use, group.first.identifiers.locals
        shown = plain(block)[:40] or "A block"
        first = f"{shown}, a block of {self.title}." if self.title else f"{shown}."
        lines = [f'    """{first[:80]}', "", "    Inputs:"]
        for node in boundary(use.graph, "input"):
            lines += wrapped(f"{local[node.id]}: {shapes.of((node.id, 'y'))}, {use.types[node.id].dtype}")
        lines += [
            row for each in group.takes for row in wrapped(f"{group.first.body.carriers[each]}: valid steps")
        ]
        lines += ["", "    Outputs:"]
        for node, (id, port) in zip(boundary(use.graph, "output"), results_of(use), strict=True):
            made = use.report.layers[id].outputs[port]
            lines += wrapped(f"{plain(node.id)}: {shapes.of((id, port))}, {made.dtype}")
        return [*lines, '    """']


def _free_name(wanted: str, taken: Collection[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}{number}", number + 1
    return name


def _keys(texts: Sequence[str]) -> list[str]:
    """What the words in some statements are about."""
    return list(dict.fromkeys(name for text in texts for name in used_names(text)))


def _covers(written: Sequence[str], counted: Sequence[str], known: Mapping[str, Given | None]) -> bool:
    """Whether what is written gives the constructors of another use; what that leaves out may be anything."""
    if len(written) < len(counted):
        return False
    pairs = zip(written, counted, strict=False)
    return all(not own or (text and _alike(worked_out(text, known)) == own) for text, own in pairs)


def _arguments(use: Instance, keys: set[str], uses: Sequence[Instance]) -> list[Argument]:
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
