"""The pictures of `docs/tour`: the real window, light, dark and at 200 %.

`python -m tests.designer.tour_pictures docs/tour` makes them anew; look at every one. A training really runs for one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from graph_ir import templates
from graph_ir.graph import Design, Node, Wire

LOOKS = {"light": ("light", "1"), "dark": ("dark", "1"), "200": ("light", "2")}
WIDTH, HEIGHT = 1440, 900
DESIGN, TRAIN, DIAGRAM = range(3)
PATIENCE_MS = 120_000


def main(folder: Path) -> None:
    """Makes the pictures of every look, each in a process of its own: Qt takes its scale at the start."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (look, scale) in LOOKS.items():
        with tempfile.TemporaryDirectory() as data:
            place = {
                "QT_QPA_PLATFORM": "offscreen",
                "QT_SCALE_FACTOR": scale,
                "XDG_DATA_HOME": data,
                "XDG_CACHE_HOME": data,
            }
            words = [sys.executable, "-m", __spec__.name, str(folder), name, look]
            subprocess.run(words, env=os.environ | place, check=True, timeout=400)


def take(folder: Path, name: str, look: str) -> None:
    """Makes the pictures of one look."""
    from PySide6.QtCore import QEventLoop, QTimer

    from designer.app import make_application
    from designer.dressing import ThemeManager
    from designer.services.faults import Faults
    from designer.services.settings import Settings
    from designer.windows import Windows

    application = make_application()
    settings = Settings(Path(os.environ["XDG_DATA_HOME"]) / "settings.ini")
    windows = Windows(ThemeManager(application, look), settings, Faults(application))
    window = windows.add()
    window.resize(WIDTH, HEIGHT)
    window.show()
    window.runs.start()
    canvas = window.design.canvas

    def wait(done: Callable[[], bool] | None = None, least: int = 900) -> None:
        loop, ticks = QEventLoop(), QTimer(interval=50)
        ticks.timeout.connect(lambda: done is not None and done() and loop.quit())
        ticks.start()
        QTimer.singleShot(PATIENCE_MS if done else least, loop.quit)
        loop.exec()
        ticks.stop()
        if done is not None:
            wait(None, 400)

    def show(design: Design, page: int = DESIGN) -> None:
        window.document.load(design)
        window.show_page(page)
        wait()

    def shoot(what: str) -> None:
        application.processEvents()
        window.grab().save(str(folder / f"{what}-{name}.png"))

    wait(lambda: window.runs.device_known)
    wait(None, 4000)  # the pictures of the gallery are made in idle time
    shoot("start")

    show(templates.load("digits"))
    canvas.select([next(node.id for node in canvas.graph if node.type == "Conv2d")], reveal=True)
    window.design.set_bottom(window.design.code)
    wait()
    shoot("design")

    show(_broken())
    window.design.set_bottom(window.design.problems)
    canvas.select(["add"])
    canvas.fit_all()
    wait()
    shoot("error")

    show(templates.load("googlenet"))
    canvas.select([next(id for id, block in canvas.graph.uses.items() if block == "Inception")])
    canvas.rooms.enter()
    window.design.set_bottom(window.design.summary)
    wait()
    canvas.fit_all()
    shoot("block")

    show(templates.load("digits"), TRAIN)
    window.actions_["run"].trigger()
    wait(lambda: window.runs.is_running)
    wait(lambda: not window.runs.is_running)
    shoot("training")

    show(templates.load("u-net"), DIAGRAM)
    wait(None, 3000)
    shoot("diagram")
    window.document.undo_stack.setClean()
    window.close()


def _broken() -> Design:
    """A residual connection whose two branches do not have the same shape."""
    layers = {
        "image": Node("image", "Input", {"shape": ["N", 1, 28, 28]}),
        "conv1": Node("conv1", "Conv2d", {"out_channels": 32, "kernel_size": 3, "padding": 1}),
        "relu": Node("relu", "ReLU"),
        "pool": Node("pool", "MaxPool2d", {"kernel_size": 2}),
        "add": Node("add", "Add"),
        "out": Node("out", "Output"),
    }
    design = Design()
    for node in layers.values():
        design.top.add(node)
    for first, second in pairwise(layers):
        design.top.add_wire(Wire(first, "y", second, "x1" if second == "add" else "x"))
    design.top.add_wire(Wire("image", "y", "add", "x2"))
    return design


if __name__ == "__main__":
    if len(sys.argv) == 2:
        main(Path(sys.argv[1]))
    else:
        take(Path(sys.argv[1]), *sys.argv[2:])
