"""Writing a design as PyTorch code, in a thread: proved on real torch (in a process of its own) before it is said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from designer.services.files import Failed
from graph_ir.check import check
from graph_ir.edits import Refused
from graph_ir.graph import Design


class Occupied(Failed):
    """Files there are somebody's work: they are replaced only when the person says so. `differences` show each."""

    def __init__(self, sentence: str, differences: str) -> None:
        super().__init__(sentence)
        self.differences = differences


@dataclass(frozen=True)
class Form:
    """A form of export: what asking for it is called, how a folder for it may end, and what is written."""

    title: str
    suffix: str
    module_only: bool = False
    notebook: bool = False
    onnx: bool = False


def export_design(design: Design, folder: Path, form: Form, *, force: bool) -> str:
    """Write the code; returns sentences about what was written. Raises Failed, with nothing written."""
    from codegen.export import export
    from codegen.folder import Changed

    try:
        written = export(
            design,
            check(design),
            folder,
            module_only=form.module_only,
            notebook=form.notebook,
            onnx=form.onnx,
            force=force,
        )
    except Changed as error:
        shown = "\n\n".join(change.difference for change in error.changes)
        raise Occupied(f"{error.what}.", shown) from None
    except Refused as error:
        raise Failed(str(error)) from None
    words = f"Proved on real torch and written to {folder}: {_names(written.paths)}."
    words += "".join(f" {note}." for note in written.notes)
    if written.removed:
        words += f" Removed, since it is written no longer: {_names(written.removed)}."
    if written.kept:
        words += f" Written no longer, but kept, since somebody has changed it: {_names(written.kept)}."
    return words


def _names(paths: tuple[Path, ...]) -> str:
    return ", ".join(path.name for path in paths)
