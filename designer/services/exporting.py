"""Writing a design as PyTorch code, in a thread: proved on real torch (in a process of its own) before it is said."""

from __future__ import annotations

from pathlib import Path

from designer.services.files import Failed
from graph_ir.check import check
from graph_ir.edits import Refused
from graph_ir.graph import Design


class Occupied(Failed):
    """A file there was changed by somebody: it is replaced only when the person says so."""


def export_design(design: Design, folder: Path, *, module_only: bool, force: bool) -> str:
    """Write the code; returns a sentence about what was written. Raises Failed, with nothing written."""
    from codegen.export import Changed, export

    try:
        written = export(design, check(design), folder, module_only=module_only, force=force)
    except Changed as error:
        words = f"{error.path} was changed since it was written; move it away, or let it be replaced."
        raise Occupied(words) from None
    except Refused as error:
        raise Failed(str(error)) from None
    names = ", ".join(path.name for path in written)
    return f"Proved on real torch and written to {folder}: {names}."
