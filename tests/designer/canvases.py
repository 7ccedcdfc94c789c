"""A canvas on screen for a test, and hands for it: real mouse, wheel, key and drag events."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from designer.actions import Actions
from designer.canvas.gestures.drops import LAYER_MIME
from designer.canvas.gestures.marks import Mark
from designer.canvas.painting.card_item import Side
from designer.canvas.view import Canvas
from designer.document import Document
from designer.theme import load_fonts, load_theme
from graph_ir.file import dump

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
NONE, SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
Key = Qt.Key


def a_canvas(qtbot: QtBot, *layers: tuple[str, str | None], document: Document | None = None) -> Canvas:
    """A canvas on screen with (type, id after which) layers added one after another, at 100 %."""
    load_fonts()
    document = document or Document()
    for type, after in layers:
        document.add_layer("", type, after=(after, "y") if after else None)
    canvas = Canvas(document, load_theme("light"))
    actions = Actions(canvas, load_theme("light"))
    actions.handle(canvas.handlers())
    canvas.addActions(actions.of_scope("canvas"))
    qtbot.addWidget(canvas)
    canvas.resize(900, 900)
    canvas.show()
    qtbot.waitExposed(canvas)
    canvas.activateWindow()
    qtbot.waitUntil(canvas.isActiveWindow)
    canvas.setFocus()
    canvas.fit_all()
    canvas.zoom_reset()
    return canvas


def chain(qtbot: QtBot) -> Canvas:
    """input1 → conv1 → relu1."""
    canvas = a_canvas(qtbot, ("Input", None), ("Conv2d", "input1"), ("ReLU", "conv1"))
    canvas.document.undo_stack.clear()
    return canvas


# Where things are, in pixels of the viewport


def port(canvas: Canvas, name: str, side: Side, which: str) -> QPoint:
    return canvas.mapFromScene(canvas.canvas_scene.port_point(name, side, which))


def middle(canvas: Canvas, name: str) -> QPoint:
    rect = canvas.canvas_scene.cards[name].rect()
    return canvas.mapFromScene(QPointF(rect.x + 120, rect.y + 25))


def empty(canvas: Canvas) -> QPoint:
    return canvas.viewport().rect().bottomRight() - QPoint(60, 60)


def on_wire(canvas: Canvas, name: str, below: int = 20) -> QPoint:
    """On the wire that leaves a layer, so many pixels below its port."""
    return port(canvas, name, "outputs", "y") + QPoint(2, below)


def title_of(canvas: Canvas, index: int = 0) -> QPoint:
    """On the title of a frame, where no wire runs through it."""
    rect = canvas.marks.rect(Mark("frame", index))
    return canvas.mapFromScene(QPointF(rect.x + 24, rect.y + 14))


def corner_of(canvas: Canvas, mark: Mark) -> QPoint:
    """The lower right corner of a frame or comment."""
    rect = canvas.marks.rect(mark)
    return canvas.mapFromScene(QPointF(rect.right, rect.bottom))


# Hands


def drag(
    canvas: Canvas,
    start: QPoint,
    end: QPoint,
    button: Qt.MouseButton = LEFT,
    drop: bool = True,
    held: Qt.KeyboardModifier = NONE,
) -> None:
    """Press at one place, move to another and, with `drop`, let go there."""
    view = canvas.viewport()
    QTest.mousePress(view, button, held, start)
    for share in (0.1, 0.4, 0.7, 1.0):
        move(canvas, (QPointF(start) + (QPointF(end) - QPointF(start)) * share).toPoint(), button, held)
    if drop:
        QTest.mouseRelease(view, button, held, end)


def move(canvas: Canvas, to: QPoint, button: Qt.MouseButton = LEFT, held: Qt.KeyboardModifier = NONE) -> None:
    """The mouse moves with a button down."""
    view, here = canvas.viewport(), QPointF(to)
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, here, view.mapToGlobal(here), none, button, held)
    QApplication.sendEvent(view, event)


def let_go(canvas: Canvas, at: QPoint, held: Qt.KeyboardModifier = NONE) -> None:
    """The left button comes up."""
    QTest.mouseRelease(canvas.viewport(), LEFT, held, at)


def click(canvas: Canvas, at: QPoint, held: Qt.KeyboardModifier = NONE) -> None:
    """Press and let go."""
    QTest.mouseClick(canvas.viewport(), LEFT, held, at)


def carry(type: str) -> QMimeData:
    data = QMimeData()
    data.setData(LAYER_MIME, type.encode())
    return data


def drop(canvas: Canvas, type: str, at: QPoint, let_fall: bool = True) -> bool:
    """Drag a layer type from elsewhere over the canvas; whether the canvas takes it."""
    data, action = carry(type), Qt.DropAction.CopyAction
    enter = QDragEnterEvent(at, action, data, LEFT, NONE)
    QApplication.sendEvent(canvas.viewport(), enter)
    QApplication.sendEvent(canvas.viewport(), QDragMoveEvent(at, action, data, LEFT, NONE))
    if let_fall and enter.isAccepted():
        QApplication.sendEvent(canvas.viewport(), QDropEvent(QPointF(at), action, data, LEFT, NONE))
    return enter.isAccepted()


# Eyes


def wires(canvas: Canvas) -> set[str]:
    return {f"{w.source}.{w.source_port}-{w.target}.{w.target_port}" for w in canvas.graph.wires()}


def place(canvas: Canvas, name: str) -> tuple[float, float]:
    return canvas.canvas_scene.cards[name].view.position


def rows(canvas: Canvas, names: Sequence[str]) -> list[float]:
    """How high each of some layers stands."""
    return [place(canvas, name)[1] for name in names]


def one_undo_takes_it_back(canvas: Canvas, before: str) -> None:
    """What was done since the undo stack was empty is one step."""
    assert canvas.document.undo_stack.count() == 1
    canvas.document.undo_stack.undo()
    assert dump(canvas.document.design) == before
