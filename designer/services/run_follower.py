"""Follows one training run by its folder; the run itself lives in a process that knows nothing of the window."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from codegen.training import runs
from codegen.training.events import Follower
from designer.services.run_state import RunState

EVERY_MS = 250


class RunFollower(QObject):
    """Reads what a run writes, and tells when there is something new."""

    changed = Signal(object)  # RunState
    ended = Signal(object)  # RunState, once, if the end was seen

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        self.state: RunState | None = None
        self._log: Follower | None = None
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.look)

    @property
    def is_running(self) -> bool:
        """Whether the run it follows is still at work."""
        return self.state is not None and not self.state.is_over

    def follow(self, folder: Path) -> None:
        """Follow this run from its beginning."""
        self.folder = folder
        self._log = Follower(folder)
        self.state = RunState(name=folder.name, wanted_epochs=_epochs(folder))
        self.look()
        if self.is_running:
            self._timer.start()

    def leave(self) -> None:
        """Follow nothing any more; the run goes on."""
        self._timer.stop()

    def stop(self) -> None:
        """Ask the run to write a checkpoint and end. Raises Refused."""
        if self.folder is not None and self.is_running and self.state is not None:
            runs.stop(self.folder)
            self.state.status = "stopping"
            self.changed.emit(self.state)

    def look(self) -> None:
        """Read what is new now."""
        if self.folder is None or self.state is None or self._log is None:
            return
        was_over, before = self.state.is_over, self.state.status
        events = self._log.read()
        found = runs.state(self.folder)
        if found.is_over:
            events += self._log.read()  # what it wrote between the two looks
        self.state.take(events)
        if before == "stopping" and not found.is_over:
            self.state.status = "stopping"
        self.state.device = str(found.facts.get("device", "")) or self.state.device
        started = found.facts.get("started")
        self.state.started = float(started) if isinstance(started, int | float) else 0.0
        if found.is_over and not was_over:
            self._end(found)
        if events or self.state.status != before or was_over:
            self.changed.emit(self.state)
        if found.is_over and not was_over:
            self.ended.emit(self.state)

    def _end(self, found: runs.State) -> None:
        assert self.state is not None, "there is a state while a run is followed"
        self._timer.stop()
        self.state.status, self.state.result = found.status, found.result
        self.state.message = found.message or self.state.message
        seconds = found.result.get("seconds")
        if isinstance(seconds, int | float):
            self.state.seconds = float(seconds)


def _epochs(folder: Path) -> int:
    try:
        found = json.loads((folder / runs.SETTINGS).read_bytes()).get("epochs", 0)
    except (OSError, ValueError, AttributeError):
        return 0
    return found if isinstance(found, int) else 0
