"""What the canvas says beside its layers: a short word at a port, and the problems of the layer in question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtWidgets import QLabel

from designer.canvas.telling.problem_popup import ProblemPopup, ProblemView
from designer.canvas.words import short, size_words, without_name
from designer.theme import Theme
from graph_ir.problems import Problem
from graph_ir.report import LayerReport

if TYPE_CHECKING:
    from designer.canvas.view import Canvas

LINGERS = 6000  # milliseconds that a refusal stays readable


class Notices:
    """Owns the two small panels that float on the canvas. Neither takes the focus or stops anything."""

    def __init__(self, canvas: Canvas, theme: Theme) -> None:
        self._canvas = canvas
        self.bubble = QLabel(canvas.viewport())
        self.bubble.setTextFormat(Qt.TextFormat.PlainText)
        self.bubble.setWordWrap(True)
        self.bubble.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.bubble.hide()
        self.popup = ProblemPopup(canvas.viewport(), theme)
        self._subject: str | None = None
        self._timer = QTimer(canvas)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.quiet)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Another look."""
        colours = theme.colours
        self.bubble.setStyleSheet(
            f"background: {colours['panel']}; color: {colours['text']}; padding: 5px 8px;"
            f"border: 1px solid {colours['error']}; border-radius: 6px;"
        )
        self.popup.set_theme(theme)

    def say(self, text: str, at: QPointF, lingers: bool = False) -> None:
        """A sentence beside a place in the scene; one that lingers goes away by itself."""
        self.bubble.setText(text)
        self.bubble.setFixedWidth(300)
        self.bubble.adjustSize()
        spot = self._canvas.mapFromScene(at) - QPoint(
            40, self.bubble.height() + 14
        )  # above: the card stays seen
        room = self._canvas.viewport().rect()
        x = max(4, min(spot.x(), room.width() - self.bubble.width() - 4))
        y = max(4, min(spot.y(), room.height() - self.bubble.height() - 4))
        self.bubble.move(x, y)
        self.bubble.show()
        self.bubble.raise_()
        self._timer.stop()
        if lingers:
            self._timer.start(LINGERS)

    def quiet(self) -> None:
        """Nothing more to say at a port."""
        self.bubble.hide()
        self._timer.stop()

    def show_problems_of(self, name: str | None) -> None:
        """Say what is wrong with that layer, if anything is."""
        self._subject = name
        self.refresh()

    def refresh(self) -> None:
        """Say again what the report says now about the same layer."""
        layer = self._canvas.report.layers.get(self._subject) if self._subject else None
        if layer is None or self._subject not in self._canvas.canvas_scene.cards:
            self.popup.show_problems(())
            return
        grave = [
            problem for problem in layer.problems if problem.severity != "hint"
        ]  # hints wait in the list
        self.popup.show_problems([problem_view(layer, problem) for problem in grave])
        self.follow()

    def follow(self) -> None:
        """Stand beside the card again after the sheet has moved."""
        if self.popup.isHidden() or self._subject is None:
            return
        scene = self._canvas.canvas_scene
        if self._subject not in scene.cards:
            return
        others = [self._canvas.area_in_window(name) for name in scene.cards if name != self._subject]
        self.popup.place(self._canvas.area_in_window(self._subject), others)


def problem_view(layer: LayerReport, problem: Problem) -> ProblemView:
    """A problem in the words of the popup; the two shapes as one entry per axis."""
    given = layer.inputs.get(problem.port) if problem.port else None
    got = problem.got if problem.got is not None else given.shape if given is not None else None
    wanted: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    if problem.wanted is not None and got is not None:
        roles = given.roles if given is not None and len(given.roles) == len(got) else ("",) * len(got)
        rows = tuple(_axis(role, str(dim)) for role, dim in zip(roles, got, strict=True))
        same = len(problem.wanted) == len(got)
        wanted_roles = roles if same else ("",) * len(problem.wanted)
        wanted = tuple(_axis(role, str(dim)) for role, dim in zip(wanted_roles, problem.wanted, strict=True))
    port = f" · {short(problem.port, 40)}" if problem.port else ""
    title = f"{short(layer.node.type, 40)} {short(layer.node.id, 40)}{port}"
    return ProblemView(problem.severity, title, without_name(problem.message), wanted, rows)


def _axis(role: str, size: str) -> str:
    return size_words(size) if size == role else role + size_words(size)
