"""Beside the list: all about the chosen hit, and what would come out where it goes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.canvas.adding.search import Fit, Hit
from designer.canvas.adding.trial import Trial
from designer.canvas.words import shape_words
from designer.panels.widgets import amount, plain_label
from graph_ir.layers import catalogue
from graph_ir.signature import Port

WIDTH, WAIT_MS, SHOWN = 236, 60, 4


class HitDetail(QWidget):
    """Ports, fields and the trial of one hit. The trial waits until the choice rests."""

    tried = Signal(str)  # what came out, on one line; empty while it is not known

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._hit: Hit | None = None
        self._try: Callable[[Hit], Trial] | None = None
        self.setFixedWidth(WIDTH)
        self.name = plain_label("", section=True, wrap=True)
        self.summary = plain_label("", wrap=True, quiet=True)
        self.ports = plain_label("", wrap=True, mono=True)
        self.heading = plain_label("", wrap=True, section=True)
        self.result = plain_label("", wrap=True, mono=True)
        self.along = plain_label("", wrap=True, quiet=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 2, 4, 2)
        box.setSpacing(6)
        for part in (self.name, self.summary, self.ports, self.heading, self.result, self.along):
            box.addWidget(part)
        box.addStretch(1)
        self._timer = QTimer(self, singleShot=True, interval=WAIT_MS)
        self._timer.timeout.connect(self._show_trial)

    def use(self, try_hit: Callable[[Hit], Trial] | None) -> None:
        """How a hit is tried from now on."""
        self._try = try_hit

    def show_hit(self, hit: Hit | None) -> None:
        """Tell about a hit at once, and what would come out a moment later."""
        self._hit = hit
        self.name.setText(hit.name if hit else "")
        self.summary.setText(hit.summary if hit else "")
        self.ports.setText(_ports(hit) if hit else "")
        for label in (self.heading, self.result, self.along):
            label.clear()
        self.tried.emit("")
        self._timer.start()

    def rest(self) -> None:
        """Nothing is tried for a list that is closed: the design may be another one by then."""
        self._timer.stop()

    def _show_trial(self) -> None:
        hit = self._hit
        if hit is None or self._try is None:
            return
        if hit.fit is Fit.REFUSED:
            self.heading.setText("Does not fit here")
            self.along.setText(hit.note)
            return
        trial = self._try(hit)
        self.heading.setText("Would give" if trial.outputs else "")
        shown = [f"{name} → {shape_words(given)}" for name, given in list(trial.outputs.items())[:SHOWN]]
        self.result.setText("\n".join(shown))
        cost = f"+{amount(trial.parameters)} parameters" if trial.parameters else ""
        told = (
            cost,
            trial.brought,
            hit.note if hit.fit is Fit.ADAPTED and not trial.brought else "",
            trial.problem if not hit.note else "",
        )
        self.along.setText("\n".join(words for words in told if words))
        first = next(map(shape_words, trial.outputs.values()), "")
        parts = (f"→ {first}" if first else trial.problem if not hit.note else "", cost, trial.brought)
        self.tried.emit("   ".join(words for words in parts if words))


def _ports(hit: Hit) -> str:
    if hit.block:
        return hit.signature
    spec = catalogue()[hit.type].spec
    lines = [f"in  {_port(port)}" for port in spec.inputs] + [f"out {_port(port)}" for port in spec.outputs]
    return "\n".join(lines)


def _port(port: Port) -> str:
    name = f"{port.name}1 …" if port.variadic else port.name
    return f"{name}: {port.axes}{'  (may stay free)' if port.optional else ''}"
