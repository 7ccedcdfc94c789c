"""What the export commands do: ask for a folder, write in the background, ask again where somebody's work is there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from designer.services.ask import ask_folder
from designer.services.background import Job, in_background
from designer.services.exporting import Form
from designer.services.files import Failed

if TYPE_CHECKING:
    from designer.main_window import MainWindow

FORMS = {
    "export": Form("Export as PyTorch folder", "pytorch"),
    "export_module": Form("Export the model", "pytorch", module_only=True),
    "export_notebook": Form("Export as a notebook", "notebook", notebook=True),
    "export_onnx": Form("Export as ONNX", "onnx", module_only=True, onnx=True),
}
"""Every form of export by its command."""


class ExportCommands(QObject):
    """Exports the window's design. `proposal` gives the path, without an ending, that is proposed at first."""

    def __init__(self, window: MainWindow, proposal: Callable[[], Path], parent: QObject) -> None:
        super().__init__(parent)
        self._window, self._proposal = window, proposal
        self._running: Job | None = None

    def handlers(self) -> dict[str, Callable[[], object]]:
        """The commands of this module."""
        return {name: partial(self.export, name) for name in FORMS}

    def export(self, command: str = "export") -> None:
        """Write the design's code in one of the FORMS into a folder, proved on real torch first."""
        if not self._window.runs.may_leave("exported"):
            return
        if command == "export" and not self._window.runs.settings_fit():
            self._window.message.tell(
                "The folder would have no training script yet: choose the data here, or export the model alone.",
                "hint",
                (("Export the model only", partial(self.export, "export_module")),),
            )
            return
        form, proposal = FORMS[command], self._proposal()
        proposal = proposal.with_name(f"{proposal.name}-{form.suffix}")
        ask_folder(self._window, form.title, proposal, lambda folder: self._export_to(folder, form))

    def close(self) -> None:
        """The window goes; what is still written is not told any more."""
        if self._running is not None:
            self._running.drop()

    def _export_to(self, folder: Path, form: Form, force: bool = False) -> None:
        from designer.services.exporting import export_design

        design = self._window.document.design.copy()
        self._window.status.say(f"Writing and proving {folder.name} …")
        self._running = in_background(
            lambda: export_design(design, folder, form, force=force),
            lambda words: self._exported(folder, words),
            lambda error: self._failed(error, folder, form),
        )

    def _exported(self, folder: Path, words: str) -> None:
        from PySide6.QtCore import QUrl
        from PySide6.QtGui import QDesktopServices

        self._window.status.say(words)
        show = ("Show the folder", lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))))
        self._window.message.tell(words, "hint", (show,))

    def _failed(self, error: Exception, folder: Path, form: Form) -> None:
        from designer.panels.differences import ask_to_overwrite
        from designer.services.exporting import Occupied

        window = self._window
        window.status.say("")
        if isinstance(error, Occupied):
            again = partial(self._export_to, folder, form, force=True)
            ask_to_overwrite(window, window.themes.theme, f"{error} Overwrite?", error.differences, again)
            return
        if not isinstance(error, Failed):
            raise error
        window.tell(str(error))
