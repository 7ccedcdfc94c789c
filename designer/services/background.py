"""Slow work off the window's thread: one call, its result brought back to the thread that asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThreadPool, Signal


class Job(QObject):
    """One piece of work. `done` and `failed` arrive in the thread that made the job; a dropped job stays silent."""

    done = Signal(object)
    failed = Signal(object)  # the exception
    _ended = Signal(object, object)

    def __init__(self, work: Callable[[], Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._dropped = False
        self._ended.connect(self._deliver)

    def start(self) -> Job:
        """Begin; returns itself."""
        _running.add(self)
        QThreadPool.globalInstance().start(self._run)
        return self

    def drop(self) -> None:
        """The result is no longer wanted."""
        self._dropped = True

    def _run(self) -> None:
        result, fault = None, None
        try:
            result = self._work()
        except Exception as error:  # carried over to the thread that asked, which judges it
            fault = error
        try:
            self._ended.emit(result, fault)
        except RuntimeError:  # the window is gone and Qt's half of this object with it
            _running.discard(self)

    def _deliver(self, result: object, fault: Exception | None) -> None:
        _running.discard(self)
        if self._dropped:
            return
        if fault is None:
            self.done.emit(result)
        else:
            self.failed.emit(fault)


_running: set[Job] = set()  # a job that nobody keeps lives until it has answered


def in_background(
    work: Callable[[], Any],
    then: Callable[[Any], None],
    failed: Callable[[Exception], None],
) -> Job:
    """Run `work` in a thread; `then(result)` or `failed(exception)` is called in this one."""
    job = Job(work)
    job.done.connect(then)
    job.failed.connect(failed)
    return job.start()
