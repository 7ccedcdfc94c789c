"""All windows of the process: which file is open where, what opens in a window of its own, and the last session."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QPoint, QTimer
from PySide6.QtGui import QGuiApplication

from designer.document import Document
from designer.dressing import ThemeManager
from designer.main_window import MainWindow
from designer.services.faults import Faults
from designer.services.files import Claim, Failed
from designer.services.recovery import Recovery
from designer.services.settings import Settings, cache_folder, data_folder
from designer.services.thumbnails import Thumbnails

CASCADE = QPoint(32, 32)


class Windows(QObject):
    """Every window has its own document, undo stack and lock; look, keys, pictures and settings are shared."""

    def __init__(
        self,
        themes: ThemeManager,
        settings: Settings,
        faults: Faults,
        parent: QObject | None = None,
        *,
        pictures: bool = True,
    ) -> None:
        super().__init__(parent)
        self.themes, self.settings, self.faults = themes, settings, faults
        self.thumbnails = Thumbnails(cache_folder() / "thumbnails", self) if pictures else None
        self._open: list[MainWindow] = []
        self._is_quitting = False
        self._asks_device = False

    @property
    def all(self) -> tuple[MainWindow, ...]:
        """The windows, the oldest first."""
        return tuple(self._open)

    def add(self) -> MainWindow:
        """A window on an empty design, not shown yet."""
        window = MainWindow(Document(), self)
        window.files.files.opened.connect(self.remember)
        self._open.append(window)
        return window

    def new_window(self) -> MainWindow:
        """Show one more window, a little beside the one that is in front."""
        front = self._front()
        window = self.add()
        if front is not None and not front.isMaximized() and not front.isFullScreen():
            window.resize(front.size())
            window.move(_on_screen(front.pos() + CASCADE, front))
        window.files.start()
        window.show()
        known = next((each.runs.facts for each in self._open if each.runs.facts is not None), None)
        if known is not None:
            window.runs.show_device(known)
        elif self._asks_device:
            window.runs.ask_device()
        return window

    def start_runs(self, window: MainWindow) -> None:
        """Look for the device and for a training that goes on; it is shown in this window."""
        self._asks_device = True
        window.runs.start()

    def showing(self, path: Path) -> MainWindow | None:
        """The window that has this file open."""
        wanted = path.resolve()
        found = (
            window
            for window in self._open
            if window.document.path and window.document.path.resolve() == wanted
        )
        return next(found, None)

    def take(self, claim: Claim) -> None:
        """Show a design that was read in a window of its own. Raises Failed."""
        self.new_window().files.take(claim)

    # The session

    def start(self) -> None:
        """Offer what earlier windows lost, once, in the first window."""
        first = self._open[0]
        for lost in Recovery.lost(data_folder() / "recovery")[:3]:
            first.files.offer(lost)

    def restore(self) -> None:
        """Open again what was open when the last window went; the first window takes the first file."""
        entries = self.settings.session()
        there = [(path, geometry) for path, geometry in entries if path.is_file()]
        gone = [path for path, _ in entries if not path.is_file()]
        if gone:
            words = (
                "was open last time and is no longer there"
                if len(gone) == 1
                else "and others are no longer there"
            )
            self._open[0].message.tell(f"{gone[0].name[:80]} {words}; it may have been moved.", "hint")
        for number, (path, geometry) in enumerate(there):
            act = self._restore_first if not number else self._restore_next
            if number:
                QTimer.singleShot(0, self, lambda act=act, path=path, geometry=geometry: act(path, geometry))
            else:
                act(path, geometry)

    def _restore_first(self, path: Path, geometry: QByteArray) -> None:
        window = self._open[0]
        window.restoreGeometry(geometry)
        window.files.reopen(path)

    def _restore_next(self, path: Path, geometry: QByteArray) -> None:
        if self.showing(path) is not None:
            return
        try:
            claim = self._open[0].files.files.claim(path)
        except Failed:  # open in another process, or no design any more: the list of recent files has it
            return
        window = self.new_window()
        window.restoreGeometry(geometry)
        window.files.take(claim)

    def remember(self) -> None:
        """Write down which files are open, and where their windows stand."""
        if self._is_quitting:
            return
        self.settings.set_session(
            [(window.document.path, window.saveGeometry()) for window in self._open if window.document.path]
        )

    # The end

    def quit(self) -> None:
        """Close every window; one with unsaved changes asks first, and may keep all that are left."""
        self.remember()
        self._is_quitting = True
        self._close_next()

    def stay(self) -> None:
        """A window was asked to go and stays: the others stay as well."""
        self._is_quitting = False
        self.remember()

    def gone(self, window: MainWindow) -> None:
        """A window has closed."""
        if window not in self._open:
            return
        if len(self._open) > 1:
            self._open.remove(window)
            self.remember()
            window.deleteLater()
        elif self.thumbnails is not None:
            self.thumbnails.close()
        if self._is_quitting:
            QTimer.singleShot(0, self, self._close_next)

    def _close_next(self) -> None:
        left = [window for window in self._open if window.isVisible()]
        if self._is_quitting and left:
            left[-1].come_forward()
            left[-1].close()

    def _front(self) -> MainWindow | None:
        active = [window for window in self._open if window.isActiveWindow()]
        return next(iter(active or self._open[-1:]), None)


def _on_screen(point: QPoint, window: MainWindow) -> QPoint:
    """The point, or the corner of the screen where a window there would be out of sight."""
    screen = window.screen() or QGuiApplication.primaryScreen()
    area = screen.availableGeometry()
    return point if area.adjusted(0, 0, -200, -200).contains(point) else area.topLeft()
