"""What Run training, Stop and Runs do, and which device there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from designer.services.background import in_background

if TYPE_CHECKING:
    from codegen.training.devices import TorchFacts
    from designer.main_window import MainWindow


class RunCommands(QObject):
    """Acts for the window on training runs."""

    device_found = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._document = window, window.document
        self.device_known = False

    def handlers(self) -> dict[str, Callable[[], object]]:
        """The commands of this module."""
        return {}

    def start(self) -> None:
        """Ask a child process which device there is."""
        from codegen.training.devices import probe_torch

        in_background(probe_torch, self._device, self._no_device)

    def _device(self, facts: TorchFacts) -> None:
        self.device_known = True
        self._window.status.show_device(facts.reason)
        self._window.train.show_device(facts.reason)
        self.device_found.emit()

    def _no_device(self, error: Exception) -> None:
        self.device_known = True
        self._window.status.show_device("torch could not be asked")
        self.device_found.emit()
        raise error

    def may_leave(self, what: str) -> bool:
        """Whether the design is in order; where not, the first error is shown and nothing happens."""
        report = self._document.report
        if report.ok and report.layers:
            return True
        if not report.layers:
            self._window.tell(f"Nothing is drawn yet, so nothing can be {what}: add layers first.")
            return False
        self._window.show_page(0)
        self._window.design.set_bottom(self._window.design.problems)
        first = next(problem for problem in report.problems if problem.severity == "error")
        self._window.design.go_to(first)
        self._window.tell(f"The design has errors and can't be {what} yet: {first.message}.")
        return False

    def close(self) -> None:
        """The window goes; a run stays."""
