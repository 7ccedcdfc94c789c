"""A picture of a checked design in any of the formats we write; the door to this package."""

from __future__ import annotations

from pathlib import Path

from codegen.diagram.dot import dot
from codegen.diagram.graphviz import Missing, NotDrawn, draw
from codegen.diagram.mermaid import mermaid
from codegen.diagram.options import DiagramOptions
from codegen.diagram.picture import picture
from codegen.diagram.svg import cleaned
from codegen.diagram.tikz import tikz
from graph_ir.atomic import atomic_write
from graph_ir.graph import Design
from graph_ir.report import Report

SUFFIXES = ("svg", "pdf", "png", "dot", "mmd", "tex")
"""The formats, by the suffix of a file."""


def render(design: Design, report: Report, suffix: str, options: DiagramOptions | None = None) -> bytes:
    """The picture as bytes. `suffix` is one of SUFFIXES, with or without its dot.

    A design with errors is drawn too: unknown shapes as `?`, wires that do not fit red and dashed.
    Raises NotDrawn for another suffix and where Graphviz fails, Missing (a NotDrawn) where svg, pdf or png are wanted
    and there is no Graphviz.
    """
    kind = suffix.removeprefix(".").lower()
    if kind not in SUFFIXES:
        known = ", ".join(f".{known}" for known in SUFFIXES)
        raise NotDrawn(f"a picture can't be written as {suffix[:20]!r}; use one of {known}")
    options = options or DiagramOptions()
    shown = picture(design, report, options)
    if kind == "mmd":
        return mermaid(shown, options).encode()
    if kind == "tex":
        return tikz(shown, options).encode()
    text = dot(shown, options, dpi=kind in ("dot", "png"))
    if kind == "dot":
        return text.encode()
    drawn = draw(text, kind)
    return cleaned(drawn, shown, _title(design)) if kind == "svg" else drawn


def render_to(path: Path, design: Design, report: Report, options: DiagramOptions | None = None) -> None:
    """Writes the picture, in the format of the path's suffix; the file is replaced as a whole or not at all.

    Raises what `render` raises, and OSError where the file can't be written.
    """
    atomic_write(path, render(design, report, path.suffix, options))


def _title(design: Design) -> str:
    title = design.about.get("title")
    return title if isinstance(title, str) else ""


__all__ = ["SUFFIXES", "DiagramOptions", "Missing", "NotDrawn", "render", "render_to"]
