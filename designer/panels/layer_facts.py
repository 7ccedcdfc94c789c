"""What the check says about one layer: its problems as cards, its outputs, parameters and costs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from designer.panels.widgets import amount, plain_label, type_text
from graph_ir.costs import calculated
from graph_ir.dims import Dim
from graph_ir.problems import Problem
from graph_ir.report import LayerReport
from graph_ir.use_words import runs

SHOWN = 5


class _Column(QWidget):
    """A column of parts that is filled anew."""

    def __init__(self, spacing: int) -> None:
        super().__init__()
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.setSpacing(spacing)

    def clear(self) -> None:
        """Away with all parts."""
        while (item := self.box.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()


class ProblemCards(_Column):
    """One card a problem, framed in the colour of its severity."""

    def __init__(self) -> None:
        super().__init__(spacing=6)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show the first few; the Problems panel has them all."""
        self.clear()
        for problem in problems[:SHOWN]:
            frame = QFrame()
            frame.setProperty("popup", True)
            frame.setProperty("severity", problem.severity)
            inner = QVBoxLayout(frame)
            inner.setContentsMargins(10, 6, 10, 6)
            inner.addWidget(plain_label(without_name(problem.message), wrap=True))
            self.box.addWidget(frame)
        self.setVisible(bool(problems))


class Results(_Column):
    """What a layer gives and what it costs."""

    def __init__(self) -> None:
        super().__init__(spacing=4)

    def show_results(self, entry: LayerReport, macs: Dim) -> None:
        """Outputs with their axes, parameters and how many they are, multiply-adds for one sample."""
        self.clear()
        if entry.outputs:
            self.box.addWidget(plain_label("Output", section=True))
        for name, given in entry.outputs.items():
            words = type_text(given) if len(entry.outputs) == 1 else f"{name}  {type_text(given)}"
            self.box.addWidget(plain_label(words, mono=True, wrap=True))
        facts = []
        if entry.parameters:
            frozen = entry.parameters - entry.trainable_parameters
            rest = f" ({amount(frozen)} frozen)" if frozen else ""
            facts.append(f"{amount(entry.parameters)} parameters{rest}")
        if macs != 0:
            facts.append(f"{amount(macs)} MACs")
        if facts:
            self.box.addWidget(plain_label(" · ".join(facts), quiet=True, wrap=True))
        if entry.shares:
            words = f"Its weights are those of {entry.shares[:60]}, and count there."
            self.box.addWidget(plain_label(words, quiet=True, wrap=True))
        worked_out = _worked_out(entry)
        if worked_out:
            self.box.addWidget(plain_label(f"Parameters: {worked_out}", quiet=True, wrap=True))


def _worked_out(entry: LayerReport) -> str:
    """How the number of parameters comes about; of a use of a block, repetition by repetition."""
    if entry.inference is None or not entry.parameters:
        return ""
    if not entry.nested:
        return calculated(entry.inference, entry.inference, {})[0].words
    parts = [(run.count, run.report.parameters) for run in runs(entry.nested)]
    if sum(count for count, _ in parts) < 2 or len(parts) > SHOWN:
        return ""
    sum_of = " + ".join(f"{count}·{each:,}" if count > 1 else f"{each:,}" for count, each in parts)
    return f"{sum_of} = {entry.parameters:,}"


def without_name(message: str) -> str:
    """The sentence without the layer's name in front: it stands beside the layer's own title."""
    _, found, rest = message.partition("): ")
    if not found:
        return message
    first = rest.partition(" ")[0]
    return (
        rest[:1].upper() + rest[1:] if first.strip(",;").isalpha() else rest
    )  # `mine.net:Gate` stays as it is
