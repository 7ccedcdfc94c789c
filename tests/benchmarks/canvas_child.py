"""What one size of design costs on the canvas, in a process of its own: `… canvas_child frames|plain|edit LAYERS`.

Milliseconds are of processor time between what the hand does and the end of the painting it causes.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGraphicsView, QWidget

from designer.app import make_application
from designer.canvas.view import Canvas
from designer.document import Document
from designer.theme import load_fonts, load_theme
from graph_ir.file import parse
from tests.benchmarks.large_designs import large_design
from tests.benchmarks.plain_scene import PlainView

SIZE = (1100, 760)
ZOOMS = (1.0, 0.6, 0.4, 0.26, 0.15, 0.08)
FRAMES = 40


class Paints(QObject):
    """Counts what a widget paints."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count, and let everything through."""
        self.count += event.type() == QEvent.Type.Paint
        return False


def say(title: str, number: float, unit: str = "ms") -> None:
    """One figure, at once."""
    print(json.dumps([title, number, unit]), flush=True)


def frames(view: QGraphicsView, act: Callable[[int], object], count: int = FRAMES) -> list[float]:
    """Milliseconds of each of so many frames; one before them is not counted."""
    paints, found = Paints(view.viewport()), list[float]()
    for number in range(-1, count):
        before, began = paints.count, time.process_time()
        act(number)
        while paints.count == before:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        if number >= 0:
            found.append(1000 * (time.process_time() - began))
    return found


def say_frames(title: str, found: list[float]) -> None:
    """The median and what 95 of 100 stay below."""
    say(f"{title}: median", median(found))
    say(f"{title}: 95 of 100 below", quantiles(found, n=20)[-1])


def rest(milliseconds: int) -> None:
    """Let timers run."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def resident() -> float:
    """Megabytes of memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def settle(canvas: Canvas) -> None:
    """Until every wire has its way."""
    while len(canvas.canvas_scene.routes) < len(canvas.canvas_scene.wires):
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
    rest(100)


def opened(text: str) -> Canvas:
    """A canvas that has painted the design."""
    canvas = Canvas(Document(parse(text)), load_theme("light"))
    canvas.resize(*SIZE)
    canvas.show()
    canvas.fit_all()
    QApplication.processEvents()
    canvas.grab()
    return canvas


def pan_and_zoom(view: QGraphicsView, pan: Callable[[QPoint], object]) -> None:
    """Panning at several zooms, and zooming through all of them."""
    middle = view.sceneRect().center()
    for zoom in ZOOMS:
        view.resetTransform()
        view.scale(zoom, zoom)
        view.centerOn(middle)
        rest(150)
        bar = view.verticalScrollBar()
        if bar.maximum() - bar.minimum() > FRAMES * 17 * 2:  # else all of it is seen and nothing moves
            moves = frames(view, lambda number: pan(QPoint(-23 if number % 2 else 19, -17)))
            say_frames(f"pan at {zoom:.0%}", moves)

        def repainted(_number: int) -> None:
            view.viewport().update()

        say_frames(f"whole picture at {zoom:.0%}", frames(view, repainted, 15))


def ours(layers: int) -> None:
    """Opening, panning, zooming and dragging on the canvas, and the memory of it all."""
    text = large_design(layers)
    before, began = resident(), time.process_time()
    canvas = opened(text)
    say("open, from text to first picture", time.process_time() - began, "s")
    began = time.process_time()
    settle(canvas)
    say("then, beside one's work, until all wires have their ways", time.process_time() - began, "s")
    pan_and_zoom(canvas, canvas.pan)

    def wheel(number: int) -> None:
        (canvas.zoom_out if (number // 10) % 2 else canvas.zoom_in)()

    canvas.set_zoom(0.1)
    rest(300)
    say_frames("zoom in and out by steps", frames(canvas, wheel))
    rest(300)
    name = list(canvas.canvas_scene.cards)[layers // 2]
    for zoom in (1.0, 0.3):
        canvas.set_zoom(zoom)
        canvas.select([name], reveal=True)
        canvas.centerOn(*canvas.canvas_scene.cards[name].rect()[:2])
        rest(300)
        _drag(canvas, name, zoom)
    say("memory, grown by", resident() - before, "MB")


def _drag(canvas: Canvas, name: str, zoom: float) -> None:
    """With the mouse, to and fro; Esc leaves it where it was."""
    area = canvas.area_in_window(name)
    at = QPoint(area.left() + area.width() // 6, area.center().y())  # no port is near
    viewport, left = canvas.viewport(), Qt.MouseButton.LeftButton
    QTest.mousePress(viewport, left, Qt.KeyboardModifier.NoModifier, at)
    way = [QPoint(30 + 24 * (number % 7), 30 + 24 * (number % 5)) for number in range(FRAMES + 1)]
    say_frames(
        f"drag a layer at {zoom:.0%}", frames(canvas, lambda n: QTest.mouseMove(viewport, at + way[n]))
    )
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(viewport, left, Qt.KeyboardModifier.NoModifier, at)


def plain(layers: int) -> None:
    """The same of the usual way to paint a graph."""
    canvas = opened(large_design(layers))
    before, began = resident(), time.process_time()
    view = PlainView(canvas.canvas_scene)
    view.resize(*SIZE)
    view.show()
    view.fitInView(view.plain.itemsBoundingRect(), Qt.AspectRatioMode.KeepAspectRatio)
    QApplication.processEvents()
    view.grab()
    say("items made and first painted", time.process_time() - began, "s")

    def pan(delta: QPoint) -> None:
        for bar, part in ((view.horizontalScrollBar(), delta.x()), (view.verticalScrollBar(), delta.y())):
            bar.setValue(bar.value() - part)

    pan_and_zoom(view, pan)

    def wheel(number: int) -> None:
        factor = 1 / 1.2 if (number // 10) % 2 else 1.2
        view.scale(factor, factor)

    view.resetTransform()
    view.scale(0.1, 0.1)
    say_frames("zoom in and out by steps", frames(view, wheel))
    name = list(view.cards)[layers // 2]
    for zoom in (1.0, 0.3):
        view.resetTransform()
        view.scale(zoom, zoom)
        view.centerOn(view.cards[name])
        rest(150)
        say_frames(
            f"drag a layer at {zoom:.0%}",
            frames(
                view, lambda number: view.drag(name, 24 if number % 2 else -24, 24 if number % 3 else -48)
            ),
        )
    say("memory, grown by", resident() - before, "MB")


def edit(layers: int) -> None:
    """One edit in the whole window, all panels brought in step; what each listener takes."""
    from designer.dressing import ThemeManager
    from designer.services.faults import Faults
    from designer.services.settings import Settings
    from designer.windows import Windows

    application = QApplication.instance()
    assert isinstance(application, QApplication)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(Path(folder) / "settings.ini")
        settings.set_animations(False)
        windows = Windows(ThemeManager(application, "light"), settings, Faults(), pictures=False)
        window = windows.add()
        window.resize(1500, 950)
        window.show()
        window.document.load(parse(large_design(layers)))
        rest(400)
        settle(window.design.canvas)
        names = [name for name in window.document.design.top.ids() if "conv2d" in name]
        window.design.canvas.select([names[len(names) // 2]], reveal=True)
        rest(400)
        took = list[float]()
        for number in range(30):
            began = time.process_time()
            window.document.set_fields("", names[len(names) // 2], {"bias": bool(number % 2)})
            took.append(1000 * (time.process_time() - began))
            rest(5)
        say_frames("one edit, all panels in step", took)
        window.document.undo_stack.setClean()
        window.close()


if __name__ == "__main__":
    application = make_application()
    load_fonts()
    {"frames": ours, "plain": plain, "edit": edit}[sys.argv[1]](int(sys.argv[2]))
