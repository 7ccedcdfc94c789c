"""A file shown in the system's file manager: itself marked where the manager can do that, else its folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

_NAME, _PLACE = "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1"


def show_in_folder(path: Path) -> bool:
    """Whether anybody took it."""
    return _mark(path) or QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


def _mark(path: Path) -> bool:
    """Ask the file manager over D-Bus; False where there is no bus or no manager on it."""
    try:
        from PySide6.QtDBus import QDBusConnection, QDBusMessage
    except ImportError:  # not every system has it
        return False
    bus = QDBusConnection.sessionBus()
    interface = bus.interface() if bus.isConnected() else None
    if interface is None or not interface.isServiceRegistered(_NAME).value():
        return False
    message = QDBusMessage.createMethodCall(_NAME, _PLACE, _NAME, "ShowItems")
    message.setArguments([[QUrl.fromLocalFile(str(path)).toString()], ""])
    return bus.send(message)
