"""The application dressed in a look: the one that was chosen, or the system's, followed while it runs."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from designer.theme import Mode, Theme, application_icon, load_fonts, load_theme


def system_is_dark() -> bool:
    """What the system wishes; one that does not say gets the light look."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


class ThemeManager(QObject):
    """Holds the chosen look, dresses the application in it and tells the views."""

    theme_changed = Signal(object)  # Theme

    def __init__(self, application: QApplication, mode: Mode = "system") -> None:
        super().__init__(application)
        self._application = application
        self._mode: Mode = mode
        load_fonts()
        application.setStyle("Fusion")
        application.setWindowIcon(application_icon())
        application.styleHints().colorSchemeChanged.connect(self._system_changed)
        self._theme = self._wanted()
        self._dress()

    @property
    def theme(self) -> Theme:
        """The look in use."""
        return self._theme

    @property
    def mode(self) -> Mode:
        """What was chosen: a look, or to follow the system."""
        return self._mode

    def set_mode(self, mode: Mode) -> None:
        """Choose `light`, `dark` or `system`."""
        self._mode = mode
        self._refresh()

    def _system_changed(self, _scheme: Qt.ColorScheme) -> None:
        self._refresh()

    def _wanted(self) -> Theme:
        if self._mode != "system":
            return load_theme(self._mode)
        return load_theme("dark" if system_is_dark() else "light")

    def _refresh(self) -> None:
        wanted = self._wanted()
        if wanted is self._theme:
            return
        self._theme = wanted
        self._dress()
        self.theme_changed.emit(wanted)

    def _dress(self) -> None:
        self._application.setPalette(self._theme.palette())
        self._application.setFont(self._theme.ui_font())
        self._application.setStyleSheet(self._theme.style_sheet())
