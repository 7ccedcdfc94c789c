"""A training run as it goes and as it ended: progress, device, time left, curves, test result, confusion matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from designer.panels.confusion import Confusion
from designer.panels.widgets import plain_label, set_property
from designer.services.run_state import RunState, duration
from designer.theme import Theme, icon

if TYPE_CHECKING:
    from designer.panels.curves import Curves


class RunView(QWidget):
    """Shows one `RunState`; pyqtgraph is imported when there is the first curve to draw."""

    stop_wanted = Signal()
    folder_wanted = Signal()
    report_wanted = Signal()
    export_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state: RunState | None = None
        self._curves: Curves | None = None
        self.setAccessibleName("Training run")
        self.title = plain_label("", section=True)
        self.facts = plain_label("", quiet=True)
        self.facts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.left = plain_label("", quiet=True)
        self.sentence = plain_label("", wrap=True)
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(8)
        self.progress.setAccessibleName("Progress")
        self.stop = QPushButton("Stop")
        self.stop.clicked.connect(self.stop_wanted)
        self.export = QPushButton("Export…")
        self.export.clicked.connect(self.export_wanted)
        self.report = QPushButton("Report")
        self.report.setToolTip("The whole run on one page, in the browser")
        self.report.clicked.connect(self.report_wanted)
        self.folder = QPushButton("Folder")
        self.folder.setToolTip("Script, weights, checkpoints and events of this run")
        self.folder.clicked.connect(self.folder_wanted)
        self.confusion = Confusion(theme)
        self._graphs = QHBoxLayout()
        self._graphs.addWidget(self.confusion, 2)
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._tick)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._nothing())
        self._pages.addWidget(self._something())
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._pages)
        self.set_theme(theme)

    def _nothing(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(14, 12, 14, 12)
        words = "No run yet. Run training (F5) exports the design, starts it in a process of its own and shows it here."
        box.addWidget(plain_label(words, wrap=True, quiet=True))
        box.addStretch(1)
        return page

    def _something(self) -> QWidget:
        page = QWidget()
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.title)
        head.addWidget(self.facts, 1)
        head.addWidget(self.left)
        for button in (self.stop, self.export, self.report, self.folder):
            head.addWidget(button)
        box = QVBoxLayout(page)
        box.setContentsMargins(14, 8, 12, 8)
        box.setSpacing(6)
        box.addLayout(head)
        box.addWidget(self.progress)
        box.addWidget(self.sentence)
        box.addLayout(self._graphs, 1)
        return page

    def set_theme(self, theme: Theme) -> None:
        """Paint in another look."""
        self._theme = theme
        self.stop.setIcon(icon(theme, "square"))
        self.folder.setIcon(icon(theme, "folder-open"))
        self.confusion.set_theme(theme)
        if self._curves is not None:
            self._curves.set_theme(theme)

    def show_state(self, state: RunState | None) -> None:
        """Show a run, or that there is none."""
        self._state = state
        self._pages.setCurrentIndex(0 if state is None else 1)
        if state is None:
            self._clock.stop()
            return
        self._clock.stop() if state.is_over else self._clock.start()
        self.title.setText(_heading(state))
        self.facts.setText(_facts(state))
        self.progress.setValue(round(1000 * state.progress))
        self.stop.setVisible(not state.is_over)
        self.stop.setEnabled(state.status != "stopping")
        self.export.setVisible(state.is_over)
        self.report.setVisible(state.is_over)
        self.folder.setVisible(state.is_over)
        words = _sentence(state)
        self.sentence.setText(words)
        self.sentence.setVisible(bool(words))
        set_property(self.sentence, "severity", "error" if state.status == "failed" else "")
        self.confusion.show_matrix(state.confusion(), state.class_names())
        self._tick()
        if state.losses or state.series:
            self._draw(state)

    def _draw(self, state: RunState) -> None:
        if not self.isVisible():
            return
        if self._curves is None:
            from designer.panels.curves import Curves  # pyqtgraph and numpy: not before they are needed

            self._curves = Curves(self._theme)
            self._graphs.insertWidget(0, self._curves, 5)
        self._curves.show_state(state)

    def showEvent(self, event: object) -> None:
        """What came while it was hidden is drawn now."""
        super().showEvent(event)  # type: ignore[arg-type]  # Qt's event, passed on
        if self._state is not None:
            self.show_state(self._state)

    def _tick(self) -> None:
        left = self._state.left() if self._state is not None else None
        self.left.setText("" if left is None else f"about {duration(left)} left")


def _heading(state: RunState) -> str:
    words = {"starting": "Starting", "running": "Training", "stopping": "Stopping", "finished": "Finished"}
    status = words.get(state.status, state.status.capitalize())
    return f"{status} · {state.name}" if state.name else status


def _facts(state: RunState) -> str:
    parts = []
    if state.wanted_epochs:
        running = min(state.wanted_epochs, state.epochs + (0 if state.is_over else 1))
        parts.append(f"epoch {running} of {state.wanted_epochs}")
    if state.is_over and state.seconds:
        parts.append(duration(state.seconds))
    if state.device:
        parts.append(state.device)
    return " · ".join(parts)


def _sentence(state: RunState) -> str:
    test = state.test_metrics()
    parts = []
    if test:
        parts.append(
            "Test: " + ", ".join(f"{name.replace('_', ' ')} {_number(name, v)}" for name, v in test.items())
        )
    if state.status in ("failed", "stopped"):
        parts.append(state.message)
    elif state.status == "stopping":
        parts.append("A checkpoint is written before it stops.")
    elif state.status == "starting":
        parts.append("Loading torch and the data …")
    example = state.result.get("example")
    if isinstance(example, dict):
        parts.append(f"For example: {_words(example.get('true'))} read as {_words(example.get('read'))}")
    parts += state.warnings[-2:]
    return "   ".join(part for part in parts if part)


def _words(labels: object) -> str:
    return " ".join(map(str, labels)) if isinstance(labels, list) else str(labels)


def _number(metric: str, value: float) -> str:
    if metric in ("accuracy", "f1", "label_error_rate"):
        return f"{100 * value:.1f} %"
    return f"{value:.4f}"
