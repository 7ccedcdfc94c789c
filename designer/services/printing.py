"""What the Code panel shows: the very text that Export writes, or why there is none yet. Printed beside the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from designer.panels.printed import PrintedBlock, PrintedCode
from designer.services.background import Job
from graph_ir.edits import Refused
from graph_ir.graph import Design
from graph_ir.report import Report

MODULE, SCRIPT, DATA = "model.py", "train.py", "data.py"
MENDED = "The code is printed when the errors are mended: F8 goes to the first."
IDLE_MS, MS_A_LAYER, LONGEST_MS = 120, 0.4, 3000


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
    blocks = tuple(
        PrintedBlock(
            made.first.use.block, printed.inside[made.name], tuple(one.use.report for one in made.candidates)
        )
        for made in printed.classes.printed
    )
    return PrintedCode(files, printed.lines, reasons, blocks)


def _try(name: str, write: Callable[[], str], files: dict[str, str], reasons: dict[str, str]) -> None:
    from codegen.training.settings import BadTraining

    try:
        files[name] = write()
    except (Refused, BadTraining) as error:
        reasons[name] = f"{error} Data and settings are chosen on the Train page (Ctrl+2)."


@dataclass(frozen=True)
class Wish:
    """What is to be printed: the design as it is, and whether all files or the module alone."""

    design: Design
    report: Report
    whole: bool


class Printer(QObject):
    """Prints a while after the last change, in a thread; what was asked for since is printed next, nothing twice."""

    printed = Signal(object)  # PrintedCode

    def __init__(self, wish: Callable[[], Wish | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wish = wish
        self._job: Job | None = None
        self._is_due = False
        self._idle = QTimer(self, singleShot=True, interval=IDLE_MS)
        self._idle.timeout.connect(self._begin)

    def ask(self, layers: int = 0) -> None:
        """The design has changed, or somebody looks now: print when nothing more happens.

        Printing many layers takes its time from the window as well: it begins when the person pauses.
        """
        self._idle.start(max(IDLE_MS, min(round(layers * MS_A_LAYER), LONGEST_MS)))

    def _begin(self) -> None:
        if self._job is not None:
            self._is_due = True
            return
        wish = self._wish()
        if wish is None:
            return
        self._is_due = False
        job = Job(lambda: print_code(wish.design, wish.report, whole=wish.whole), self)
        job.done.connect(self._done)
        job.failed.connect(self._failed)
        self._job = job.start()

    def _done(self, code: PrintedCode) -> None:
        self._job = None
        if self._is_due:
            self.ask()
        self.printed.emit(code)

    def _failed(self, error: Exception) -> None:
        self._job = None
        raise error
