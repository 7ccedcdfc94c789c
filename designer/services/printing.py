"""What the Code panel shows: the very text that Export writes, or why there is none yet."""

from __future__ import annotations

from collections.abc import Callable

from designer.panels.code_panel import PrintedCode
from graph_ir.edits import Refused
from graph_ir.graph import Design
from graph_ir.report import Report

MODULE, SCRIPT, DATA = "model.py", "train.py", "data.py"
MENDED = "The code is printed when the errors are mended: F8 goes to the first."


def print_code(design: Design, report: Report, *, whole: bool) -> PrintedCode:
    """Print the module, and with `whole` the training files as well."""
    if not report.layers:
        return PrintedCode()
    if not report.ok:
        return PrintedCode(reasons=dict.fromkeys((MODULE, SCRIPT, DATA), MENDED))
    from codegen.module import print_module

    try:
        printed = print_module(design, report)
    except Refused as error:
        return PrintedCode(reasons=dict.fromkeys((MODULE, SCRIPT, DATA), str(error)))
    files, reasons = {MODULE: printed.source}, dict[str, str]()
    if whole:
        from codegen.training.data_code import print_data
        from codegen.training.script import print_script
        from codegen.training.settings import settings_of

        _try(SCRIPT, lambda: print_script(design, report, printed), files, reasons)
        _try(DATA, lambda: print_data(settings_of(design, report), printed.attributes), files, reasons)
    return PrintedCode(files, printed.lines, reasons)


def _try(name: str, write: Callable[[], str], files: dict[str, str], reasons: dict[str, str]) -> None:
    from codegen.training.settings import BadTraining

    try:
        files[name] = write()
    except (Refused, BadTraining) as error:
        reasons[name] = f"{error} Data and settings are chosen on the Train page (Ctrl+2)."
