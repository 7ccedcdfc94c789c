"""What one edit or one file costs in process."""

from __future__ import annotations

from graph_ir import edits, templates
from graph_ir.check import check
from graph_ir.file import dump, parse
from graph_ir.graph import TOP
from graph_ir.infer import infer
from tests.benchmarks.measure import Figures, seconds
from tests.graph_ir import hostile


def figures() -> Figures:
    """Checks of the template `digits`: anew, again, after an edit; reading and writing it; the largest file."""
    design = templates.load("digits")

    def anew() -> None:
        infer.cache_clear()
        check(design)

    wide = edits.set_fields(design, TOP, "conv2", {"out_channels": 32})

    def after_an_edit() -> None:
        edits.apply(design, wide)
        check(design)
        edits.apply(design, wide.inverse())

    yield "check digits, nothing remembered", 1000 * seconds(anew, 50), "ms", None, False
    yield "check digits, again", 1000 * seconds(lambda: check(design), 200), "ms", 1.0, False
    yield "edit, check and undo in digits", 1000 * seconds(after_an_edit, 100), "ms", None, False
    text = dump(design)
    yield "read digits", 1000 * seconds(lambda: parse(text), 50), "ms", None, False
    yield "write digits", 1000 * seconds(lambda: dump(design), 50), "ms", None, False
    large = parse(hostile.chain(10_000))
    yield "check a chain of 10,000 layers", seconds(lambda: check(large), 3), "s", None, False
