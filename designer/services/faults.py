"""One place for every fault nobody caught: written to a log, told to the window, never a traceback on the screen."""

from __future__ import annotations

import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

LOG_BYTES = 1 << 20
log = logging.getLogger("layerloom")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Faults(QObject):
    """Catches exceptions of slots, threads and Qt's own messages. `caught` brings one sentence to the window."""

    caught = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.log_file: Path | None = None

    def install(self, folder: Path) -> None:
        """Take over Python's and Qt's hooks and write to `folder`/layerloom.log."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handler = RotatingFileHandler(
                folder / "layerloom.log", maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8"
            )
        except OSError:  # without a log the bar still tells
            handler = None
        if handler is not None:
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
            log.addHandler(handler)
            self.log_file = folder / "layerloom.log"
        log.setLevel(logging.INFO)
        log.propagate = False
        logging.raiseExceptions = False  # a full disk is no reason to write tracebacks elsewhere
        sys.excepthook = self.on_exception
        threading.excepthook = self._on_thread
        qInstallMessageHandler(self._on_qt)

    def on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Log it whole, tell it in one sentence."""
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.error("a fault nobody caught", exc_info=(kind, error, trace))
        where = f"; the details are in {self.log_file}" if self.log_file else ""
        words = " ".join(str(error).split())[:200] or "no further words"
        self.caught.emit(
            f"Layerloom itself made a mistake ({kind.__name__}: {words}); your design is kept{where}."
        )

    def _on_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.on_exception(args.exc_type, args.exc_value, args.exc_traceback)

    def _on_qt(self, level: QtMsgType, _context: QMessageLogContext, message: str | None) -> None:
        log.log(_LEVELS.get(level, logging.WARNING), "Qt: %s", message)
