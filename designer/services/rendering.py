"""Pictures of a design for the Diagram page, drawn in a thread; Graphviz itself runs in a process of its own."""

from __future__ import annotations

from pathlib import Path

from designer.services.files import Failed
from graph_ir.check import check
from graph_ir.graph import Design

FILTERS = ";;".join(
    (
        "SVG picture (*.svg)",
        "PDF (*.pdf)",
        "PNG picture (*.png)",
        "Graphviz DOT (*.dot)",
        "Mermaid (*.mmd)",
        "TikZ for LaTeX (*.tex)",
    )
)


def picture(design: Design) -> bytes:
    """The design as SVG with the options of its `diagram` section. Raises Failed."""
    from codegen.diagram.graphviz import NotDrawn
    from codegen.diagram.options import read_section
    from codegen.diagram.render import render

    options, _ = read_section(design.diagram)
    try:
        return render(design, check(design), "svg", options)
    except NotDrawn as error:
        raise Failed(str(error)) from None


def write_picture(design: Design, path: Path) -> None:
    """The picture as a file in the format of its suffix, `.svg` without one. Raises Failed."""
    from codegen.diagram.graphviz import NotDrawn
    from codegen.diagram.options import read_section
    from codegen.diagram.render import render_to

    options, _ = read_section(design.diagram)
    target = path if path.suffix else path.with_suffix(".svg")
    try:
        render_to(target, design, check(design), options)
    except NotDrawn as error:
        raise Failed(str(error)) from None
    except OSError as error:
        raise Failed(
            f"{target.name} could not be written ({error.strerror}); choose another folder."
        ) from None
