"""What an overlay colours the layers by: how much of something each has, and the scale in words. No Qt."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from designer.canvas.views import CanvasView, CardView
from graph_ir.costs import memory_by_layer
from graph_ir.dims import Dim, substitute, symbols
from graph_ir.receptive import View, receptive_fields
from graph_ir.report import Report

OPEN = 100
"""What sizes that vary are taken as where figures with them have to be compared."""
DECADES = 30.0
"""From so many times the smallest on, the scale is logarithmic: else all but the largest would look alike."""
SAMPLE = " for one sample"
LONGEST = 12
"""Of a formula with more letters only the share is said: there is no room for it on a card, and cut it says nothing."""
FAINTEST = 0.06
"""The heat of the smallest figure that is not 0: it has some colour."""


@dataclass(frozen=True)
class Kind:
    """One overlay: its title, and how a figure of it is written."""

    title: str
    write: Callable[[float], str]
    figures: Callable[[Report], Mapping[str, Dim]]
    note: str = ""


@dataclass(frozen=True)
class Overlay:
    """How hot each layer is (0 to 1) with its figure in words, and the legend: both ends, and what else to know."""

    title: str = ""
    heats: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    low: str = ""
    high: str = ""
    notes: tuple[str, ...] = ()


def counted(number: float) -> str:
    """A count in few letters: `320`, `12.3 k`, `2.4 M`."""
    return _scaled(number, (("", 1), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15)))


def sized(number: float) -> str:
    """An amount of memory: `512 B`, `3.2 MB`."""
    return _scaled(number, (("B", 1), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("PB", 1e15)))


def _scaled(number: float, units: tuple[tuple[str, float], ...]) -> str:
    unit, size = next((pair for pair in reversed(units) if number >= 0.9995 * pair[1]), units[0])
    amount = number / size
    words = f"{amount:.0f}" if size == 1 or amount >= 99.95 else f"{amount:.1f}"
    return f"{words} {unit}".strip()


KINDS: Mapping[str, Kind] = {
    "parameters": Kind(
        "Parameters", counted, lambda report: {id: one.parameters for id, one in report.layers.items()}
    ),
    "macs": Kind("MACs", counted, lambda report: report.macs_by_layer, SAMPLE),
    "memory": Kind("Activation memory", sized, memory_by_layer, SAMPLE),
}
RECEPTIVE = "receptive"
TITLES: Mapping[str, str] = {
    **{name: kind.title for name, kind in KINDS.items()},
    RECEPTIVE: "Receptive field",
}


def comparable(value: Dim) -> float:
    """A figure as a number; sizes that vary are taken as `OPEN`."""
    if not isinstance(value, int):
        value = substitute(value, dict.fromkeys(symbols(value), OPEN))
    return float(value) if isinstance(value, int) else 0.0


def overlay(report: Report, kind: str) -> Overlay:
    """The overlay of a network."""
    return _receptive(report) if kind == RECEPTIVE else _amounts(report, KINDS[kind])


def _amounts(report: Report, kind: Kind) -> Overlay:
    given = kind.figures(report)
    figures = {id: comparable(value) for id, value in given.items() if id in report.layers}
    total = sum(figures.values())
    scale = _Scale(list(figures.values()))
    heats = {
        id: (scale.heat(figure), _words(given[id], figure, total, kind.write))
        for id, figure in figures.items()
    }
    notes = [f"{kind.write(total)} in all{kind.note}"] if total else ["no layer has any"]
    if scale.is_log:
        notes.append("logarithmic scale")
    if any(not isinstance(value, int) for value in given.values()):
        notes.append(f"sizes that vary taken as {OPEN}")
    return Overlay(kind.title, heats, kind.write(scale.low), kind.write(scale.high), tuple(notes))


def _words(value: Dim, figure: float, total: float, write: Callable[[float], str]) -> str:
    if not figure:
        return ""
    share = f"{figure / total:.0%}".replace("%", " %") if figure / total >= 0.005 else "<1 %"
    words = write(figure) if isinstance(value, int) else str(value).replace("*", "·")
    return share if len(words) > LONGEST else f"{words}, {share}"


def _receptive(report: Report) -> Overlay:
    fields = {id: views for id, views in receptive_fields(report).items() if views}
    if not fields:
        return Overlay(TITLES[RECEPTIVE], notes=("no input has an axis of space or time",))
    known = [float(view.entries) for views in fields.values() for view in views if view.entries is not None]
    whole = any(view.entries is None for views in fields.values() for view in views)
    most = max(known, default=1.0) * (1.25 if whole else 1.0)
    figures = {id: max(_entries(view, most) for view in views) for id, views in fields.items()}
    scale = _Scale(list(figures.values()))
    heats = {id: (scale.heat(figures[id]), receptive_words(views)) for id, views in fields.items()}
    notes = ["entries of the input that one result depends on"]
    if scale.is_log:
        notes.append("logarithmic scale")
    high = "whole input" if whole else f"{scale.high:.0f}"
    return Overlay(TITLES[RECEPTIVE], heats, f"{scale.low:.0f}", high, tuple(notes))


def _entries(view: View, most: float) -> float:
    return most if view.entries is None else float(view.entries)


def receptive_words(views: tuple[View, ...]) -> str:
    """`19 × 19` along the axes of the Input it sees most of; "" where no axis has neighbours."""
    if not views:
        return ""
    by_input: dict[str, list[View]] = {}
    for view in views:
        by_input.setdefault(view.input, []).append(view)
    most = max(by_input.values(), key=lambda found: max(_entries(view, math.inf) for view in found))
    if all(view.entries is None for view in most):
        return "whole input"
    return " × ".join("all" if view.entries is None else f"{view.entries:,}" for view in most)


class _Scale:
    """From figures to heats between 0 and 1."""

    def __init__(self, figures: list[float]) -> None:
        some = [figure for figure in figures if figure > 0]
        self.low, self.high = min(some, default=0.0), max(some, default=0.0)
        self.is_log = self.low > 0 and self.high / self.low >= DECADES

    def heat(self, figure: float) -> float:
        if figure <= 0 or not self.high:
            return 0.0
        share = figure / self.high
        if self.is_log:
            share = math.log(figure / self.low) / math.log(self.high / self.low)
        return FAINTEST + (1 - FAINTEST) * share


class Heater:
    """Puts an overlay onto what the canvas shows; a card whose figure stays as it was stays the same object.

    After an edit the last figures stay until `renew` is called: every share changes with any figure, so that looking
    at all of them again is not for every keystroke.
    """

    def __init__(self) -> None:
        self.kind = ""
        self.shown = Overlay()
        self._report: Report | None = None
        self._made: dict[str, tuple[CardView, CardView]] = {}

    def choose(self, kind: str) -> None:
        """Colour by this; "" colours nothing."""
        self.kind, self._report = kind, None
        self.shown = Overlay()
        self._made = {}

    def is_behind(self, report: Report) -> bool:
        """Whether the figures on show are those of an earlier state."""
        return bool(self.kind) and self._report is not report

    def renew(self, report: Report) -> None:
        """Look at all figures again."""
        self._report, self.shown = report, overlay(report, self.kind)

    def heated(self, view: CanvasView, report: Report) -> CanvasView:
        """The same with heat on its cards; another network gets its own figures at once."""
        if not self.kind:
            return view
        if self._report is None or self._report.network != report.network:
            self.renew(report)
        return replace(view, cards=tuple(self._card(card) for card in view.cards))

    def _card(self, card: CardView) -> CardView:
        heat, words = self.shown.heats.get(card.id, (None, ""))
        plain, made = self._made.get(card.id, (None, card))
        if plain is card and (made.heat, made.heat_words) == (heat, words):
            return made
        made = replace(card, heat=heat, heat_words=words)
        self._made[card.id] = card, made
        return made
