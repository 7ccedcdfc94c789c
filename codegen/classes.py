"""One class for each block of the drawing: printed from one use of it, and held against all others.

Uses that would need other code (a rule of a layer may branch on a value) get a class of their own: always right, rarely
needed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from codegen.arguments import block_arguments
from codegen.body import LOCAL, Body, Identifiers
from codegen.candidate import Candidate, Texts, alike, covers, results_of
from codegen.chain import chain_rows
from codegen.classtext import Rows, constructor_rows, forward_rows
from codegen.describing import Shapes
from codegen.instances import Instance
from codegen.names import Names, class_name
from codegen.naming import Row
from codegen.origins import Origins
from codegen.parts import plain, wrapped
from codegen.spelled import used_names, worked_out
from codegen.uses import Argument, BuiltClass, UsePrinter
from graph_ir.block_graphs import boundary
from graph_ir.expressions import BadExpression
from graph_ir.report import LayerReport


@dataclass(eq=False)
class BlockClass:
    """A printed class: its name, arguments and lengths, and where each layer stands behind `self.`.

    `candidates` are the uses it stands for; `providers` say which of them a layer is printed from; `owners` are the
    layers that each row is about.
    """

    name: str
    first: Candidate
    candidates: list[Candidate]
    providers: dict[str, Candidate]
    arguments: Sequence[Argument] = ()
    takes: tuple[str, ...] = ()
    rows: list[str] = field(default_factory=list)
    owners: list[tuple[str, ...]] = field(default_factory=list)
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
            lines = [alike(worked_out(line, known)) for line in first.written[1]]
            if lines != other.counted[1]:
                return False
            new: list[str] = []
            for id, texts in other.counted[0].items():
                if not any(texts):
                    continue
                if id not in group.providers:
                    new.append(id)
                elif not covers(group.providers[id].written[0][id], texts, known):
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
        group.arguments = block_arguments(
            use, {*_keys([t for texts in built.values() for t in texts]), *in_forward}, uses
        )
        shapes = Shapes(body.report, uses, group.arguments)
        docs = self._docstring(block, group, shapes)
        chained = None if group.takes else chain_rows(body, flow, built, group.arguments)
        if chained is not None:
            rows, group.keys = chained
            head = [f"class {group.name}(nn.Sequential):", *docs, ""]
        else:
            rows, group.keys = (
                self._rows(group, body, shapes, built, in_forward),
                dict(group.first.identifiers.attributes),
            )
            head = [f"class {group.name}(nn.Module):", *docs, ""]
        group.rows = [*head, *(row for row, _ in rows)]
        group.owners = [*([()] * len(head)), *(ids for _, ids in rows)]

    def _rows(
        self, group: BlockClass, body: Body, shapes: Shapes, built: Texts, in_forward: Sequence[str]
    ) -> Rows:
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
        return [
            *constructed,
            *([("", ())] if constructed else []),
            *forward_rows(arguments, gives, statements),
        ]

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
