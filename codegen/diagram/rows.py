"""What stands on the cards of one network: names, shapes, fields, costs and the first error."""

from __future__ import annotations

from textwrap import wrap

from codegen.diagram.cards import Card
from codegen.diagram.escape import plain
from codegen.diagram.options import DiagramOptions
from graph_ir.annotations import annotations_of
from graph_ir.graph import Design, Wire
from graph_ir.problems import Problem
from graph_ir.report import LayerReport, Report
from graph_ir.resolve import layer_type
from graph_ir.signature import TensorType
from graph_ir.spec import Category, Spec
from graph_ir.use_words import block_of, parameter_words, sharing, type_words

UNKNOWN = "?"
LINE = 44
"""Longer texts (names, fields, sentences) are wrapped at this many characters."""


class Rows:
    """A checked network, with the words that the options show of it."""

    def __init__(self, design: Design, report: Report, options: DiagramOptions) -> None:
        self.report, self.options = report, options
        self.graph = design.networks[report.network]
        self.into: dict[str, list[Wire]] = {}
        self.out_of: dict[str, list[Wire]] = {}
        for wire in report.wires:
            self.into.setdefault(wire.target, []).append(wire)
            self.out_of.setdefault(wire.source, []).append(wire)
        self.errors: dict[str | None, list[Problem]] = {}
        for problem in report.problems:
            if problem.severity == "error":
                self.errors.setdefault(problem.at, []).append(problem)
        self.shared = sharing(report)
        on_sheet = annotations_of(design.layout, report.network)
        self.hidden, self.notes = on_sheet.hidden, on_sheet.notes

    def spec(self, id: str) -> Spec | None:
        """A layer's declaration; None for one of no known type."""
        cls = layer_type(self.report.layers[id].node, self.graph)
        return cls.spec if cls else None

    def category(self, id: str) -> Category | None:
        """A layer's category, where it is known."""
        spec = self.spec(id)
        return spec.category if spec else None

    def first_output(self, id: str) -> str | None:
        """The output that is meant where none is named."""
        spec = self.spec(id)
        return spec.outputs[0].name if spec and spec.outputs else None

    def used(self, id: str) -> list[str]:
        """The output ports that something reads, in the order of the declaration; else the first one."""
        spec = self.spec(id)
        read = {wire.source_port for wire in self.out_of.get(id, [])}
        declared = [port.name for port in spec.outputs] if spec else []
        used = [port for port in declared if port in read] + sorted(read - set(declared))
        return used or declared[:1]

    def is_distinct(self, id: str) -> bool:
        """Whether it matters which wire ends where: ports with names of their own, wired from several places."""
        spec = self.spec(id)
        sources = {(wire.source, wire.source_port) for wire in self.into.get(id, [])}
        return spec is not None and len(sources) > 1 and any(not port.variadic for port in spec.inputs)

    def card(self, name: str, id: str, members: list[str]) -> Card:
        """The card of a layer and of the activations drawn in it (`members`, itself first)."""
        entry, options = self.report.layers[id], self.options
        category = self.category(id)
        role = self.report.role_of(id)
        kind = plain(type_words(entry, shares=id in self.shared))
        card = Card(
            name=name,
            title=wrapped(entry.node.label or id) if options.show_layer_names else [],
            type=short(kind if role in (None, "data") else f"{kind}, {role}", 60),
            category=category.key if category and not entry.node.bypass else "",
            activations=[plain(self.report.layers[guest].node.type) for guest in members[1:]],
            problem=_sentence(self.errors.get(id, [])),
            bypassed=entry.node.bypass,
            note=short(plain(" ".join(self.notes.get(id, "").split())), 1000),
        )
        if options.show_fields:
            card.fields = wrapped(", ".join(self._fields(entry)))
        if options.show_shapes:
            card.inputs = self._inputs(id)
            card.outputs = self._outputs(members[-1])
        if options.show_dtype:
            card.dtype = self._dtype(members[-1])
        if options.show_parameters:
            card.parameters = sum(self.report.layers[member].parameters for member in members) or None
        if options.show_trainable and entry.parameters:
            card.trainable = entry.trainable_parameters > 0
        return card

    def _fields(self, entry: LayerReport) -> list[str]:
        if entry.trait in ("input", "output"):
            return []
        if block_of(entry.node):
            return [
                f"{plain(name)}={short(plain(words), 60)}" for name, words in parameter_words(entry).items()
            ]
        values = entry.layer.values() if entry.layer else entry.node.values
        told = {"trainable"} if self.options.show_trainable else set()
        return [
            f"{plain(name)}={short(repr(value), 60)}" for name, value in values.items() if name not in told
        ]

    def _inputs(self, id: str) -> list[str]:
        """The shapes on the input ports; ports of one shape share a line, a lone port needs no name."""
        wires = {wire.target_port: wire for wire in self.into.get(id, [])}
        ports = list(self.report.layers[id].inputs) or sorted(wires)
        lines: dict[str, list[str]] = {}
        for port in ports:
            lines.setdefault(_shape(self.report.wire_type(wires[port])), []).append(port)
        return _named(lines) if len(ports) > 1 else list(lines)

    def _outputs(self, id: str) -> list[str]:
        ports = self.used(id)
        lines: dict[str, list[str]] = {}
        for port in ports:
            lines.setdefault(_shape(self.report.layers[id].outputs.get(port)), []).append(port)
        plainly = len(ports) == 1 and self.first_output(id) == ports[0]
        return list(lines) if plainly else _named(lines)

    def _dtype(self, id: str) -> str:
        outputs = self.report.layers[id].outputs
        found = [outputs[port].dtype if port in outputs else UNKNOWN for port in self.used(id)]
        return ", ".join(dict.fromkeys(found))


def _shape(given: TensorType | None) -> str:
    return given.text if given else UNKNOWN


def _named(lines: dict[str, list[str]]) -> list[str]:
    return [short(plain(f"{', '.join(ports)}: {shape}"), 80) for shape, ports in lines.items()]


def short(text: str, longest: int) -> str:
    """At most so many characters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def wrapped(text: str, width: int = LINE) -> list[str]:
    """The text as visible lines, one at least."""
    return wrap(plain(text), width) or [""]


def _sentence(problems: list[Problem]) -> list[str]:
    """The first error; a picture has no room for more than some lines."""
    lines = wrapped(problems[0].message.replace("`", "")) if problems else []
    return lines if len(lines) <= 6 else [*lines[:5], lines[5][: LINE - 1] + "…"]
