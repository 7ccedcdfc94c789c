"""What a picture shows, before any language is chosen: cards and arrows that DOT, Mermaid and TikZ all print."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import wrap

from codegen.diagram.escape import plain
from codegen.diagram.options import DiagramOptions
from graph_ir.graph import Design, Wire
from graph_ir.problems import Problem
from graph_ir.report import LayerReport, Report
from graph_ir.resolve import layer_type
from graph_ir.signature import TensorType
from graph_ir.spec import Category, Spec

UNKNOWN = "?"
LINE = 44
"""Longer texts (names, fields, sentences) are wrapped at this many characters."""


@dataclass
class Card:
    """One layer. Rows that the options leave out are empty (or None); texts are one visible line each."""

    name: str
    title: list[str]
    type: str
    category: str
    activations: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    dtype: str = ""
    parameters: int | None = None
    trainable: bool | None = None
    problem: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Arrow:
    """All wires between one output port and one layer. `label` names ports where that is not plain."""

    source: str
    target: str
    label: str
    misfit: bool


@dataclass(frozen=True)
class Picture:
    """A network as it is drawn."""

    title: list[str]
    cards: tuple[Card, ...]
    arrows: tuple[Arrow, ...]


def picture(design: Design, report: Report, options: DiagramOptions) -> Picture:
    """What the options show of a checked network: the way from data to Outputs, unless they ask for training too."""
    return _Painter(design, report, options).paint()


class _Painter:
    def __init__(self, design: Design, report: Report, options: DiagramOptions) -> None:
        self.report, self.options = report, options
        self.graph = design.networks[report.network]
        title = design.about.get("title")
        self.title = _wrapped(title, 70) if options.show_title and isinstance(title, str) else []
        self.into: dict[str, list[Wire]] = {}
        self.out_of: dict[str, list[Wire]] = {}
        for wire in report.wires:
            self.into.setdefault(wire.target, []).append(wire)
            self.out_of.setdefault(wire.source, []).append(wire)
        self.errors: dict[str | None, list[Problem]] = {}
        for problem in report.problems:
            if problem.severity == "error":
                self.errors.setdefault(problem.at, []).append(problem)
        shown = self._shown()
        self.wires = [w for w in report.wires if w.source in shown and w.target in shown]
        order = report.order or list(report.layers)
        self.guests = self._guests([id for id in order if id in shown], shown)
        self.ids = [id for id in order if id in shown and id not in self.guests]
        self.names = {id: f"n{i}" for i, id in enumerate(self.ids)}
        self.members: dict[str, list[str]] = {id: [id] for id in self.ids}
        for guest, host in self.guests.items():
            self.members[host].append(guest)

    def paint(self) -> Picture:
        cards = tuple(self._card(id) for id in self.ids)
        return Picture(self.title, cards, tuple(self._arrows()))

    def _shown(self) -> set[str]:
        if self.options.show_training:
            return set(self.report.layers)
        hidden = self.report.training_only
        return {
            id
            for id in self.report.layers
            if id not in hidden and self.report.role_of(id) not in ("target", "lengths")
        }

    def _guests(self, order: list[str], shown: set[str]) -> dict[str, str]:
        """Activations that are drawn inside the layer they follow: activation to host."""
        found: dict[str, str] = {}
        for id in order if self.options.show_layer_activations else []:
            into = [wire for wire in self.into.get(id, []) if wire.source in shown]
            if len(into) != 1 or self._category(id) is not Category.ACTIVATION or id in self.errors:
                continue
            source = into[0].source
            host = found.get(source, source)
            apart = self.report.layers[host].trait or self._category(host) is Category.ACTIVATION
            if not apart and len(self.out_of[source]) == 1:
                found[id] = host
        return found

    def _spec(self, id: str) -> Spec | None:
        cls = layer_type(self.report.layers[id].node, self.graph)
        return cls.spec if cls else None

    def _category(self, id: str) -> Category | None:
        spec = self._spec(id)
        return spec.category if spec else None

    def _card(self, id: str) -> Card:
        entry, options = self.report.layers[id], self.options
        category = self._category(id)
        members = self.members[id]
        role = self.report.role_of(id)
        kind = plain(entry.node.type) if role in (None, "data") else f"{plain(entry.node.type)}, {role}"
        card = Card(
            name=self.names[id],
            title=_wrapped(entry.node.label or id) if options.show_layer_names else [],
            type=_short(kind, 60),
            category=category.key if category else "",
            activations=[plain(self.report.layers[guest].node.type) for guest in members[1:]],
            problem=_sentence(self.errors.get(id, [])),
        )
        if options.show_fields:
            card.fields = _wrapped(", ".join(self._fields(entry)))
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
        values = entry.layer.values() if entry.layer else entry.node.values
        told = {"trainable"} if self.options.show_trainable else set()
        return [
            f"{plain(name)}={_short(repr(value), 60)}" for name, value in values.items() if name not in told
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
        ports = self._used(id)
        lines: dict[str, list[str]] = {}
        for port in ports:
            lines.setdefault(_shape(self.report.layers[id].outputs.get(port)), []).append(port)
        plainly = len(ports) == 1 and self._first_output(id) == ports[0]
        return list(lines) if plainly else _named(lines)

    def _dtype(self, id: str) -> str:
        outputs = self.report.layers[id].outputs
        found = [outputs[port].dtype if port in outputs else UNKNOWN for port in self._used(id)]
        return ", ".join(dict.fromkeys(found))

    def _first_output(self, id: str) -> str | None:
        spec = self._spec(id)
        return spec.outputs[0].name if spec and spec.outputs else None

    def _used(self, id: str) -> list[str]:
        """The output ports that something reads, in the order of the declaration; else the first one."""
        spec = self._spec(id)
        read = {wire.source_port for wire in self.out_of.get(id, [])}
        declared = [port.name for port in spec.outputs] if spec else []
        used = [port for port in declared if port in read] + sorted(read - set(declared))
        return used or declared[:1]

    def _arrows(self) -> list[Arrow]:
        merged: dict[tuple[str, str, str], list[Wire]] = {}
        for wire in self.wires:
            if wire.target not in self.guests:
                merged.setdefault((wire.source, wire.source_port, wire.target), []).append(wire)
        return [self._arrow(wires) for wires in merged.values()]

    def _arrow(self, wires: list[Wire]) -> Arrow:
        source, port, target, _ = wires[0]
        ends = ", ".join(wire.target_port for wire in wires)
        told = [port] if len(self._used(source)) > 1 else []
        told += [ends] if self._distinct(target) else []
        bad = {problem.port for problem in self.errors.get(target, [])}
        return Arrow(
            source=self.names[self.guests.get(source, source)],
            target=self.names[target],
            label=_short(plain(" → ".join(told)), LINE),
            misfit=any(wire.target_port in bad for wire in wires),
        )

    def _distinct(self, id: str) -> bool:
        """Whether it matters which wire ends where: ports with names of their own, wired from several places."""
        spec = self._spec(id)
        sources = {(wire.source, wire.source_port) for wire in self.into.get(id, [])}
        return spec is not None and len(sources) > 1 and any(not port.variadic for port in spec.inputs)


def _shape(given: TensorType | None) -> str:
    return given.text if given else UNKNOWN


def _named(lines: dict[str, list[str]]) -> list[str]:
    return [_short(plain(f"{', '.join(ports)}: {shape}"), 80) for shape, ports in lines.items()]


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _wrapped(text: str, width: int = LINE) -> list[str]:
    return wrap(plain(text), width) or [""]


def _sentence(problems: list[Problem]) -> list[str]:
    """The first error; a picture has no room for more than some lines."""
    lines = _wrapped(problems[0].message.replace("`", "")) if problems else []
    return lines if len(lines) <= 6 else [*lines[:5], lines[5][: LINE - 1] + "…"]
