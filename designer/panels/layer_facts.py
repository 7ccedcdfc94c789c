"""What the check says about one layer: its problems as cards, its outputs with their arithmetic, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from designer.canvas.words import without_name
from designer.panels.widgets import amount, plain_label, set_property, type_text
from graph_ir.costs import batch_symbols, calculated, memory_by_layer
from graph_ir.dims import Dim
from graph_ir.formulas import formulas
from graph_ir.problems import Problem
from graph_ir.receptive import View, views
from graph_ir.report import LayerReport, Report
from graph_ir.use_words import runs

SHOWN = 5
FAR_MS = 200  # what needs a walk through the network waits until the person pauses
FAR_LAYERS = 1_500
Line = tuple[str, str]
"""Text, and how it looks: mono or quiet."""


class _Lines(QWidget):
    """Lines of text that are filled anew; labels are made once."""

    def __init__(self, spacing: int) -> None:
        super().__init__()
        self.labels: list[QLabel] = []
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.setSpacing(spacing)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines and no others."""
        while len(self.labels) < len(lines):
            label = plain_label("", wrap=True)
            self.labels.append(label)
            self.box.addWidget(label)
        for number, label in enumerate(self.labels):
            text, look = lines[number] if number < len(lines) else ("", "")
            if text != label.text():
                label.setText(text)
            for name in ("mono", "quiet", "section"):
                set_property(label, name, look == name)
            label.setVisible(bool(text))


class ProblemCards(QWidget):
    """One card a problem, framed in the colour of its severity."""

    def __init__(self) -> None:
        super().__init__()
        self._cards: list[tuple[QFrame, QLabel]] = []
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(6)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show the first few; the Problems panel has them all."""
        shown = problems[:SHOWN]
        while len(self._cards) < len(shown):
            self._add()
        for number, (frame, label) in enumerate(self._cards):
            frame.setVisible(number < len(shown))
            if number < len(shown):
                label.setText(without_name(shown[number].message))
                set_property(frame, "severity", shown[number].severity)
        self.setVisible(bool(shown))

    def _add(self) -> None:
        frame = QFrame()
        frame.setProperty("popup", True)
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(10, 6, 10, 6)
        label = plain_label("", wrap=True)
        inner.addWidget(label)
        self._box.addWidget(frame)
        self._cards.append((frame, label))


class Results(QWidget):
    """What a layer gives and what it costs; of an edit that is being made, what it would."""

    def __init__(self) -> None:
        super().__init__()
        self._near, self._far = _Lines(4), _Lines(4)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(self._near)
        box.addWidget(self._far)
        self._wait = QTimer(self, singleShot=True, interval=FAR_MS)
        self._wait.timeout.connect(self._show_far)
        self._about: tuple[Report, str] | None = None

    def show_results(self, report: Report, name: str, after: Report | None = None) -> None:
        """Outputs with their axes and arithmetic, parameters, multiply-adds; `after` an edit that is being made."""
        self._near.show_lines(list(_lines(report, after or report, name)))
        self._about = (after or report, name)
        if len(report.layers) <= FAR_LAYERS:
            self._wait.start()
        else:
            self._far.show_lines(())

    def _show_far(self) -> None:
        if self._about is None:
            return
        report, name = self._about
        found = report.layers[name].inference
        if found is None or found.error is not None:
            self._far.show_lines(())
            return
        memory = memory_by_layer(report).get(name, 0)
        parts = [f"{size_text(memory)} of memory for one sample" if memory != 0 else ""]
        parts += [seen_text(views(report).layers.get(name, ()))]
        text = " · ".join(part for part in parts if part)
        self._far.show_lines(((text, "quiet"),) if text else ())


def _lines(report: Report, after: Report, name: str) -> Iterator[Line]:
    entry, now = report.layers[name], after.layers[name]
    if entry.outputs or now.outputs:
        yield "Output", "section"
    worked_out = formulas(now.inference) if now.inference else {}
    for port in dict.fromkeys((*entry.outputs, *now.outputs)):
        old, new = entry.outputs.get(port), now.outputs.get(port)
        words = [type_text(one) if one is not None else "not known" for one in (old, new)]
        many = len(entry.outputs) > 1
        shown = words[0] if words[0] == words[1] else " → ".join(words)
        yield f"{port}  {shown}" if many else shown, "mono"
        roles = new.roles if new is not None else ()
        yield from _arithmetic(roles, worked_out.get(port, ()))
    yield from _costs(report, after, name)


def _arithmetic(roles: Sequence[str], texts: Sequence[str]) -> Iterator[Line]:
    """The calculation of each size; axes that are worked out alike together."""
    letters: dict[str, list[str]] = {}
    for number, text in enumerate(texts):
        if text:
            role = roles[number] if number < len(roles) else ""
            letters.setdefault(text, []).append(role or f"axis {number}")
    for text, names in letters.items():
        yield f"{', '.join(names)}  {text}", "mono"


def _costs(report: Report, after: Report, name: str) -> Iterator[Line]:
    entry, now = report.layers[name], after.layers[name]
    macs = after.macs_by_layer.get(name, 0)
    frozen = now.parameters - now.trainable_parameters
    rest = f" ({amount(frozen)} frozen)" if frozen else ""
    facts = [
        _changed(entry.parameters, now.parameters, f" parameters{rest}"),
        _changed(report.macs_by_layer.get(name, 0), macs, " MACs"),
    ]
    if any(facts):
        yield " · ".join(fact for fact in facts if fact), "quiet"
    if now.shares:
        yield f"Its weights are those of {now.shares[:60]}, and count there.", "quiet"
    yield from _calculations(after, now, macs)


def _changed(old: Dim, new: Dim, what: str) -> str:
    """`320 parameters`, `320 → 800 parameters`, nothing for none."""
    if old == new:
        return f"{amount(new)}{what}" if new != 0 else ""
    return f"{amount(old)} → {amount(new)}{what}"


def _calculations(report: Report, entry: LayerReport, macs: Dim) -> Iterator[Line]:
    """How the numbers of parameters and of multiply-adds come about; of a use of a block, repetition by repetition."""
    if entry.inference is None or entry.inference.scope is None:
        return
    if entry.nested:
        words = _repetitions(entry)
        if words:
            yield f"Parameters: {words}", "quiet"
        return
    ones = batch_symbols(report)
    parameters, _, work = calculated(entry.inference, entry.inference, ones or {})
    if entry.parameters and " = " in parameters.words:
        yield f"Parameters: {_read(parameters.words)}", "quiet"
    if macs != 0 and work.value == macs and " = " in work.words:
        yield f"MACs: {_read(work.words)}", "quiet"


def _read(words: str) -> str:
    """A calculation with the signs that people write."""
    return words.replace("*", "·")


def _repetitions(entry: LayerReport) -> str:
    parts = [(run.count, run.report.parameters) for run in runs(entry.nested)]
    if not entry.parameters or sum(count for count, _ in parts) < 2 or len(parts) > SHOWN:
        return ""
    sum_of = " + ".join(f"{count}·{each:,}" if count > 1 else f"{each:,}" for count, each in parts)
    return f"{sum_of} = {entry.parameters:,}"


def size_text(size: Dim) -> str:
    """So many bytes, for people: `12.5 kB`; an expression as it is."""
    if not isinstance(size, int):
        return f"{amount(size)} bytes"
    for unit, one in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= one:
            return f"{size / one:.3g} {unit}"
    return f"{size} bytes"


def seen_text(seen: Sequence[View]) -> str:
    """How much of each Input one entry of the result depends on: `sees 5×5 of image`."""
    found: dict[str, list[str]] = {}
    for view in seen:
        found.setdefault(view.input, []).append("all" if view.entries is None else str(view.entries))
    whole = {name for name, sizes in found.items() if set(sizes) == {"all"}}
    parts = [
        f"all of {name[:40]}" if name in whole else f"{'×'.join(sizes)} of {name[:40]}"
        for name, sizes in found.items()
    ]
    return f"sees {', '.join(parts)}" if parts else ""
