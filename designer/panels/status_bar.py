"""The line at the bottom: what the network is and costs, the device with its reason, a short word, and the zoom."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from designer.panels.widgets import amount, plain_label, plain_tip, tool_button
from graph_ir.dims import Dim, symbols
from graph_ir.report import Report

WORD_MS = 8000


class StatusBar(QWidget):
    """Facts on the left, what was just said in the middle, the view on the right."""

    def __init__(self, view_actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusline")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Status")
        self._facts = ""
        self._device_words = ""
        self.facts = plain_label("", quiet=True)
        self.change = plain_label("", severity="hint")
        self.change.hide()
        self.device = plain_label("looking for torch …", chip=True)
        self.device.setAccessibleName("Device")
        self.word = plain_label("", quiet=False)
        self.word.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.zoom = QToolButton()
        self.zoom.setAccessibleName("Zoom")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 1, 8, 1)
        row.setSpacing(4)
        row.addWidget(self.facts)
        row.addWidget(self.change)
        row.addWidget(self.device)
        row.addSpacing(16)
        row.addWidget(self.word, 1)
        zoom_out, reset, zoom_in, fit, *more = view_actions
        self.zoom.setDefaultAction(reset)
        self._view = (
            tool_button(zoom_out),
            self.zoom,
            tool_button(zoom_in),
            tool_button(fit),
            *map(tool_button, more),
        )
        self._has_view = True
        for button, action in zip(self._view, (zoom_out, reset, zoom_in, fit, *more), strict=True):
            row.addWidget(button)
            action.changed.connect(self._show_buttons)  # a command that nobody handles is not offered
        self._timer = QTimer(self, singleShot=True, interval=WORD_MS)
        self._timer.timeout.connect(lambda: self.say(""))

    def show_report(self, report: Report) -> None:
        """Count layers, parameters, multiply-adds and problems."""
        counts = dict.fromkeys(("error", "warning", "hint"), 0)
        for problem in report.problems:
            counts[problem.severity] += 1
        parts = [_many(len(report.layers), "layer")]
        if report.layers:
            parts += [f"{amount(report.parameters)} params", macs_words(report.macs)]
        parts += [_many(count, severity) for severity, count in counts.items() if count]
        self.facts.setText(" · ".join(parts))
        plain_tip(self.facts, f"MACs for one sample: {amount(report.macs)}" if symbols(report.macs) else "")

    def show_change(self, words: str) -> None:
        """Say what an edit that is being made would change; empty where none is."""
        self.change.setText(words)
        self.change.setVisible(bool(words))

    def show_device(self, reason: str) -> None:
        """Say what training will run on, and why."""
        self.device.setText(reason)
        plain_tip(self.device, f"Training runs on: {reason}")

    def show_zoom(self, zoom: float) -> None:
        """Say how large a pixel of the drawing is."""
        self.zoom.setText(f"{round(zoom * 100)} %")

    def show_view(self, shown: bool) -> None:
        """Whether there is a canvas to zoom."""
        self._has_view = shown
        self._show_buttons()

    def _show_buttons(self) -> None:
        for button in self._view:
            action = button.defaultAction()
            button.setVisible(self._has_view and action is not None and action.isVisible())

    def say(self, text: str) -> None:
        """A short word that goes away by itself."""
        self.word.setText(text)
        plain_tip(self.word, text)
        self._timer.start() if text else self._timer.stop()


def macs_words(macs: Dim) -> str:
    """How many multiply-adds; of a formula what it depends on, for it may be as long as a page."""
    names = sorted(symbols(macs))
    if not names:
        return f"{amount(macs)} MACs"
    listed = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
    return f"MACs by {listed}"


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"
