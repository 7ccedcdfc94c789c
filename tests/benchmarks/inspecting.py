"""How long the inspector takes to show one of 500 layers, to follow an edit, and to say what one would change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from time import process_time

from graph_ir.graph import Design, Node, Wire

LAYERS, ROUNDS = 500, 40
TYPES = ("Conv2d", "BatchNorm2d", "ReLU", "Dropout")


def figures() -> Iterator[tuple[str, float, str, float | None, bool]]:
    """Figures as `tests.benchmarks` prints them."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from designer.canvas.ghosts import words
    from designer.document import Document
    from designer.dressing import ThemeManager
    from designer.panels.inspector import Inspector
    from designer.trail import Trail
    from graph_ir import edits

    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    document = Document(_chain())
    trail = Trail(document)
    inspector = Inspector(document, ThemeManager(application, "light").theme, trail)
    inspector.resize(330, 900)
    inspector.show()
    application.processEvents()
    first = [_ms(partial(inspector.show_layers, [f"l{number}"])) for number in range(len(TYPES))]
    yield "inspector: the first layer of a type", median(first), "ms", None, False
    again = [_ms(partial(inspector.show_layers, [f"l{number}"])) for number in range(4, 4 + ROUNDS)]
    yield f"inspector: another layer of {LAYERS}", median(again), "ms", 3, False
    inspector.show_layers(["l8"])
    followed = []
    for number in range(ROUNDS):
        document.set_fields("", "l8", {"groups": 1 + number % 2})
        followed.append(_ms(inspector.refresh))
    yield "inspector: after an edit of the layer", median(followed), "ms", 2, False
    edit = edits.set_fields(document.design, "", "l8", {"out_channels": 24})
    tried = [_ms(lambda: document.preview(edit)) for _ in range(ROUNDS)]
    yield "preview of an edit, with the inspector", median(tried), "ms", 10, False
    after = trail.previewed
    assert after is not None
    yield "preview: the change in words", _ms(lambda: words(trail.report, after)), "ms", None, False
    document.preview(None)
    inspector.show_layers(document.design.top.ids())
    yield f"inspector: {LAYERS} layers at once", _ms(inspector.refresh), "ms", None, False
    inspector.close()


def _chain() -> Design:
    design = Design()
    design.top.add(Node("image", "Input", {"shape": ["N", 16, 32, 32]}))
    before = "image"
    for number in range(LAYERS):
        type = TYPES[number % len(TYPES)]
        values = {"out_channels": 16, "kernel_size": 3, "padding": 1} if number % len(TYPES) == 0 else {}
        design.top.add(Node(f"l{number}", type, values))
        design.top.add_wire(Wire(before, "y", f"l{number}", "x"))
        before = f"l{number}"
    return design


def _ms(act: Callable[[], object]) -> float:
    began = process_time()
    act()
    return (process_time() - began) * 1000
