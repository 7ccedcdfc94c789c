"""What Run training, Stop and Runs do, and which device there is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from designer.panels.run_view import RunView
from designer.services.background import in_background
from designer.services.files import Failed
from designer.services.run_start import run_words, start_run, write_report
from designer.services.settings import data_folder
from graph_ir.edits import Refused

if TYPE_CHECKING:
    from codegen.training.devices import TorchFacts
    from designer.main_window import MainWindow
    from designer.services.run_follower import RunFollower
    from designer.services.run_state import RunState

LISTED = 50
RUN_HEIGHT = 340


class RunCommands(QObject):
    """Acts for the window on training runs. A run is a process of its own; the window only follows its folder."""

    device_found = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._document = window, window.document
        self._follower: RunFollower | None = None
        self._is_starting = False
        self.device_known = False
        self.facts: TorchFacts | None = None
        for view in self._views():
            view.stop_wanted.connect(self.stop)
            view.export_wanted.connect(lambda: window.files.exports.export())
            view.folder_wanted.connect(self._show_folder)
            view.report_wanted.connect(self._show_report)
        window.train.run_wanted.connect(self.run)
        window.train.run_chosen.connect(self.follow)
        window.train.told.connect(window.tell)
        self._show_running(False)

    def _views(self) -> tuple[RunView, RunView]:
        return self._window.design.training, self._window.train.run_view

    def handlers(self) -> dict[str, Callable[[], object]]:
        """The commands of this module."""
        return {
            "run": self.run,
            "stop": self.stop,
            "training_settings": lambda: self._window.show_page(1),
            "runs": self._show_runs,
        }

    @property
    def folder(self) -> Path:
        """Where runs are kept, for saved designs and unsaved ones alike."""
        return data_folder() / "runs"

    @property
    def is_running(self) -> bool:
        """Whether a run is at work or being started."""
        return self._is_starting or (self._follower is not None and self._follower.is_running)

    def start(self) -> None:
        """Ask a child process which device there is, and find a run that goes on without a window."""
        from codegen.training import runs

        self.ask_device()
        found = runs.list_runs(self.folder)
        going = next((run for run in found if not run.is_over), None)
        if going is not None:
            self.follow(going.folder)
            self._window.status.say(f"The training {going.folder.name} goes on; it is shown under Training.")
        self._list_runs()

    def ask_device(self) -> None:
        """Ask a child process which device there is."""
        from codegen.training.devices import probe_torch

        in_background(probe_torch, self.show_device, self._no_device)

    def show_device(self, facts: TorchFacts) -> None:
        """Say which device there is: to this window, or as another window has found it."""
        self.facts = facts
        self.device_known = True
        self._window.status.show_device(facts.reason)
        self._window.train.show_device(facts.reason)
        self.device_found.emit()

    def _no_device(self, error: Exception) -> None:
        self.device_known = True
        self._window.status.show_device("torch could not be asked")
        self.device_found.emit()
        raise error

    # Run and stop

    def may_leave(self, what: str) -> bool:
        """Whether the design is in order; where not, the first error is shown and nothing happens."""
        report, window = self._document.report, self._window
        if report.ok and report.layers:
            return True
        if not report.layers:
            window.tell(f"Nothing is drawn yet, so nothing can be {what}: add layers first.")
            return False
        window.show_page(0)
        window.design.set_bottom(window.design.problems)
        first = next(problem for problem in window.design.problems.problems() if problem.severity == "error")
        window.design.go_to(first)
        window.tell(f"The design has errors and can't be {what} yet. {_sentence(first.message)}")
        return False

    def settings_fit(self) -> bool:
        """Whether data and settings are chosen and fit; where not, the Train page says what is missing."""
        from codegen.training.settings import read

        settings, problems = read(self._document.design, self._document.report)
        errors = [problem for problem in problems if problem.severity == "error"]
        self._window.train.say_why_not("")
        if settings is not None:
            return True
        self._window.show_page(1)
        self._window.train.say_why_not(_sentence(errors[0].message))
        return False

    def run(self) -> None:
        """Start a training; where something is missing, show where to choose it."""
        if self.is_running:
            self._window.status.say("A training is running already; stop it first (Shift+F5).")
            return
        if not self.may_leave("trained") or not self.settings_fit():
            return
        design, title = self._document.design.copy(), self._document.name
        device, parent = self._window.train.chosen_device(), self.folder
        self._is_starting = True
        self._show_running(True)
        self._window.message.clear()
        self._window.status.say("Starting the training …")
        in_background(lambda: start_run(design, parent, title, device), self._started, self._not_started)
        self._show_views()

    def stop(self) -> None:
        """Ask the run to end after a checkpoint."""
        if self._follower is None or not self._follower.is_running:
            self._window.status.say("No training is running.")
            return
        try:
            self._follower.stop()
        except Refused as error:
            self._window.tell(str(error))

    def follow(self, folder: Path) -> None:
        """Show this run, running or over."""
        from designer.services.run_follower import RunFollower

        if self._follower is None:
            self._follower = RunFollower(self)
            self._follower.changed.connect(self._changed)
            self._follower.ended.connect(self._ended)
        self._follower.follow(folder)
        if self._follower.state is not None:
            self._changed(self._follower.state)

    def _started(self, folder: Path) -> None:
        self._is_starting = False
        self._window.status.say("")
        self.follow(folder)
        self._list_runs()

    def _not_started(self, error: Exception) -> None:
        self._is_starting = False
        self._show_running(False)
        self._window.status.say("")
        if not isinstance(error, Failed):
            raise error
        self._window.tell(str(error))

    def _changed(self, state: RunState) -> None:
        for view in self._views():
            view.show_state(state)
        self._show_running(not state.is_over)

    def _ended(self, state: RunState) -> None:
        self._show_running(False)
        self._list_runs()
        if self._follower is not None and self._follower.folder is not None:
            folder = self._follower.folder
            in_background(lambda: write_report(folder), lambda _path: None, self._not_written)
        if state.status == "failed":
            self._window.tell(f"The training failed. {_sentence(state.message)}")
        else:
            self._window.status.say(f"The training has {state.status}.")

    def _show_running(self, running: bool) -> None:
        self._window.actions_["run"].setEnabled(not running)
        self._window.actions_["stop"].setEnabled(running)
        self._window.train.run.setEnabled(not running)
        if hasattr(self._window, "top"):
            self._window.top.show_running(running)

    def _show_views(self) -> None:
        if self._window.pages.currentWidget() is not self._window.train:
            self._window.show_page(0)
            self._window.design.set_bottom(self._window.design.training, RUN_HEIGHT)

    def _show_runs(self) -> None:
        self._list_runs()
        self._window.show_page(1)
        self._window.train.runs.setFocus()

    def _list_runs(self) -> None:
        from codegen.training import runs

        found = runs.list_runs(self.folder)[:LISTED]
        current = self._follower.folder if self._follower is not None else None
        self._window.train.show_runs([(run_words(run), run.folder) for run in found], current)

    def _show_folder(self) -> None:
        if self._follower is not None and self._follower.folder is not None:
            _open(self._follower.folder)

    def _show_report(self) -> None:
        if self._follower is not None and self._follower.folder is not None:
            folder = self._follower.folder
            in_background(lambda: write_report(folder), _open, self._not_written)

    def _not_written(self, error: Exception) -> None:
        if not isinstance(error, Failed):
            raise error
        self._window.tell(str(error))

    def close(self) -> None:
        """The window goes; a run stays."""
        if self._follower is not None:
            self._follower.leave()


def _open(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
