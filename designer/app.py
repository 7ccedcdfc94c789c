"""The application: theme, hooks for faults, the windows, and the one picture that `--screenshot` asks for."""

from __future__ import annotations

import gc
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QApplication

from designer.dressing import ThemeManager
from designer.main_window import SIZE, MainWindow
from designer.services.faults import Faults
from designer.services.settings import Settings, data_folder
from designer.tour import SEEN
from designer.windows import Windows

SETTLE_MS = 700  # layout, printing and fitting are done by then
PATIENCE_MS = 15_000
TOUR_MS = 900  # the window has come to rest
COLLECT_EVERY = 20_000  # new objects; with Python's own 700 a drag over a large design halts now and then


def run_window(path: str | None = None, screenshot: str | None = None) -> int:
    """Show the window on a design file or an empty design until it is closed; returns the exit code.

    With `screenshot` one picture of the window is written to that PNG file, and the program ends: 1 where that
    fails, 2 where the design cannot be read.
    """
    application = make_application()
    settings = Settings()
    faults = Faults(application)
    windows = make_windows(application, settings, faults)
    window = windows.add()
    faults.install(data_folder())
    if faults.log_file is None:
        window.message.tell(f"No log can be kept in {data_folder()}; everything else works.", "warning")
    if screenshot is not None:
        window.resize(*SIZE)  # whatever size the person's own window had
        if path is not None and not window.files.show_file(Path(path)):
            print(f"layerloom gui: {window.message.text()}", file=sys.stderr)
            return 2
    else:
        begin(windows, window, Path(path) if path is not None else None)
    window.show()
    gc.freeze()  # what was loaded stays: later collections need not look at it
    gc.enable()
    QTimer.singleShot(0, window, lambda: windows.start_runs(window))
    if screenshot is not None:
        return _picture(application, window, Path(screenshot))
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return application.exec()


def make_application() -> QApplication:
    """The one application object, with the names its folders are called by."""
    QCoreApplication.setApplicationName("layerloom")
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    gc.set_threshold(COLLECT_EVERY, 20, 20)
    return QApplication(["layerloom"])


def make_windows(application: QApplication, settings: Settings, faults: Faults) -> Windows:
    """What holds all windows; none is there yet."""
    themes = ThemeManager(application, settings.mode())
    return Windows(themes, settings, faults, application)


def begin(windows: Windows, window: MainWindow, path: Path | None) -> None:
    """The first window: on the file that was named, else on what was open last, else on the start page."""
    if trouble := windows.settings.trouble():
        window.message.tell(trouble, "warning")
    window.files.start()
    windows.start()
    if path is not None:
        window.files.open_path(path)
    elif window.documents.restores():
        windows.restore()
    QTimer.singleShot(TOUR_MS, window, lambda: offer_tour(window))


def offer_tour(window: MainWindow) -> None:
    """The first start shows what is where; a question that waits for an answer comes first."""
    if not window.settings.flag(SEEN, False) and not window.message.text():
        window.actions_["tour"].trigger()


def _picture(application: QApplication, window: MainWindow, target: Path) -> int:
    saved: list[bool] = []

    def take() -> None:
        saved.append(window.grab().save(str(target), "PNG"))
        application.quit()

    def when_settled() -> None:
        QTimer.singleShot(SETTLE_MS, window, take)

    if window.runs.device_known:
        when_settled()
    else:
        window.runs.device_found.connect(when_settled)
        QTimer.singleShot(PATIENCE_MS, window, take)  # a picture without the device is better than none
    application.exec()
    if not saved or not saved[0]:
        print(
            f"layerloom gui: {target} could not be written; check the folder and its permissions",
            file=sys.stderr,
        )
        return 1
    return 0
