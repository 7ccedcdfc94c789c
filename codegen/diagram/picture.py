"""From a checked design to the cards, frames and arrows that DOT, Mermaid and TikZ all print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

from codegen.diagram.cards import Arrow, Card, Frame, Picture
from codegen.diagram.escape import plain
from codegen.diagram.options import DiagramOptions
from codegen.diagram.rows import LINE, Rows, short, wrapped
from graph_ir.graph import Design, Wire
from graph_ir.report import Report
from graph_ir.spec import Category
from graph_ir.use_words import Run, runs, type_words


def picture(design: Design, report: Report, options: DiagramOptions) -> Picture:
    """What the options show of a checked network: the way from data to Outputs, unless they ask for training too."""
    title = design.about.get("title")
    lines = wrapped(title, 70) if options.show_title and isinstance(title, str) else []
    sheet = _Sheet(design, options)
    items, _ = _Painter(sheet, report, 0).paint({})
    return Picture(lines, tuple(items), tuple(sheet.arrows))


@dataclass
class _Sheet:
    """What the painters of all networks share."""

    design: Design
    options: DiagramOptions
    arrows: list[Arrow] = field(default_factory=list)
    numbers: count[int] = field(default_factory=count)
    frames: count[int] = field(default_factory=count)


@dataclass(frozen=True)
class _Source:
    """Where an arrow begins; `label` names the port where its layer has several."""

    card: str
    port: str
    label: str


Sources = Mapping[str, _Source | None]


class _Painter(Rows):
    """Draws one network: the top one, or that of a block which is drawn with its inside."""

    def __init__(self, sheet: _Sheet, report: Report, depth: int) -> None:
        super().__init__(sheet.design, report, sheet.options)
        self.sheet, self.depth = sheet, depth
        self.drawn = self._shown()
        shown = {id for id in self.drawn if not self._is_hidden(id)}
        self.wires = [w for w in report.wires if w.source in self.drawn and w.target in shown]
        order = report.order or list(report.layers)
        self.order = [id for id in order if id in self.drawn]
        self.through: dict[str, list[_Source]] = {}
        self.opened = {id for id in order if self._is_opened(id)}
        self.guests = self._guests([id for id in order if id in shown], shown)
        self.ids = [id for id in order if id in shown and id not in self.guests and not self._is_end(id)]
        self.names = {id: f"n{next(sheet.numbers)}" for id in self.ids if id not in self.opened}
        self.members: dict[str, list[str]] = {id: [id] for id in self.ids}
        for guest, host in self.guests.items():
            self.members[host].append(guest)
        self.known: dict[tuple[str, str], _Source | None] = {}

    def paint(self, given: Sources) -> tuple[list[Card | Frame], Sources]:
        """The items of the network, and what its Outputs are fed from; `given` is what its Inputs are fed from."""
        for id, source in given.items():
            self.known[id, self.first_output(id) or ""] = source
        items: list[Card | Frame] = []
        ids = set(self.ids)
        for id in self.order:
            if self._is_hidden(id):
                self.through[id] = self._behind(id)
            elif id in self.opened and id in ids:
                items += self._frames(id)
            elif id in ids:
                items.append(self.card(self.names[id], id, self.members[id]))
        self._draw_arrows()
        ends = [
            id for id in self.report.layers if self._is_end(id) and self.report.layers[id].trait == "output"
        ]
        return items, {id: next(iter(self._feeds(id).values()), None) for id in ends}

    def _is_end(self, id: str) -> bool:
        """Whether a layer is a port of a block, through which wires run without a stop."""
        return self.depth > 0 and self.report.layers[id].trait in ("input", "output")

    def _is_hidden(self, id: str) -> bool:
        """Whether a person wants a layer left out; the ports of a block are never drawn anyway."""
        return id in self.hidden and not self._is_end(id)

    def _is_opened(self, id: str) -> bool:
        """Whether a use is drawn with its inside; one that is wrong itself stays closed, so that this is seen."""
        own = [
            problem for problem in self.errors.get(id, []) if problem.layer == id and len(problem.path) < 2
        ]
        return self.options.expand_nested and bool(self.report.layers[id].nested) and not own

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
            if self.report.layers[id].node.bypass:
                continue
            if len(into) != 1 or self.category(id) is not Category.ACTIVATION or id in self.errors:
                continue
            source = into[0].source
            host = found.get(source, source)
            entry = self.report.layers[host]
            apart = entry.trait or entry.node.bypass or self.category(host) is Category.ACTIVATION
            if not apart and host not in self.opened and len(self.out_of[source]) == 1:
                found[id] = host
        return found

    def _frames(self, id: str) -> list[Card | Frame]:
        """A frame for each run of equal repetitions of a use, one feeding the next."""
        given, found = dict(self._feeds(id)), list[Card | Frame]()
        entry = self.report.layers[id]
        spec = self.spec(id)
        made: Sources = dict(
            zip([port.name for port in spec.outputs] if spec else [], given.values(), strict=False)
        )
        for run in runs(entry.nested):
            items, made = _Painter(self.sheet, run.report, self.depth + 1).paint(given)
            given |= dict(zip(given, made.values(), strict=False))
            if items:
                found.append(self._frame(id, run, items))
        self.known |= {(id, port): source for port, source in made.items()}
        return found

    def _frame(self, id: str, run: Run, items: list[Card | Frame]) -> Frame:
        entry = self.report.layers[id]
        which = "" if entry.node.values.get("repeat", 1) == 1 else f"[{run.first}]"
        if run.count > 1:
            which = f"[{run.first}–{run.last}]"
        kind = type_words(entry, shares=id in self.shared, times=run.count)
        words = [f"{name}={short(str(value), 60)}" for name, value in run.parameters.items()]
        return Frame(
            name=f"cluster_{next(self.sheet.frames)}",
            title=wrapped(f"{entry.node.label or id}{which}") if self.options.show_layer_names else [],
            type=short(plain(kind), 60),
            depth=self.depth + 1,
            inside=items,
            fields=wrapped(", ".join(map(plain, words))) if self.options.show_fields and words else [],
        )

    def _feeds(self, id: str) -> Sources:
        """What feeds the inputs of a layer, in the order of its ports."""
        wires = {wire.target_port: wire for wire in self.into.get(id, [])}
        ports = list(self.report.layers[id].inputs) or sorted(wires)
        return {port: self._source(wires[port]) if port in wires else None for port in ports}

    def _behind(self, id: str) -> list[_Source]:
        """What feeds a hidden layer: its wires run through it."""
        wires = [wire for wire in self.into.get(id, []) if wire.source in self.drawn]
        return list(dict.fromkeys(source for wire in wires for source in self._sources(wire)))

    def _sources(self, wire: Wire) -> list[_Source]:
        """Where the arrows of a wire begin: in front of a hidden layer there may be several."""
        if self._is_hidden(wire.source):
            return self.through.get(wire.source, [])
        source = self._source(wire)
        return [source] if source is not None else []

    def _source(self, wire: Wire) -> _Source | None:
        id, port = wire.source, wire.source_port
        if self._is_hidden(id):
            return next(iter(self.through.get(id, ())), None)
        if id in self.opened or self._is_end(id):
            return self.known.get((id, port))
        card = self.names[self.guests.get(id, id)]
        return _Source(card, port, port if len(self.used(id)) > 1 else "")

    def _draw_arrows(self) -> None:
        merged: dict[tuple[str, str, str], tuple[_Source, list[Wire]]] = {}
        for wire in self.wires:
            for source in self._sources(wire) if wire.target in self.names else ():
                key = (source.card, source.port, wire.target)
                merged.setdefault(key, (source, []))[1].append(wire)
        self.sheet.arrows += [self._arrow(source, wires) for source, wires in merged.values()]

    def _arrow(self, source: _Source, wires: list[Wire]) -> Arrow:
        target = wires[0].target
        ends = ", ".join(wire.target_port for wire in wires)
        told = [source.label] if source.label else []
        told += [ends] if self.is_distinct(target) else []
        bad = {problem.port for problem in self.errors.get(target, [])}
        return Arrow(
            source=source.card,
            target=self.names[target],
            label=short(plain(" → ".join(told)), LINE),
            misfit=any(wire.target_port in bad for wire in wires),
        )
