"""Questions that need a dialog: which file. They never block: the answer comes to a callable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from designer.services.naming import shown

Then = Callable[[Path], None]
DESIGNS = "Designs (*.loom.json)"


def ask_open(parent: QWidget, folder: Path, then: Then) -> QFileDialog:
    """Which design to open."""
    dialog = QFileDialog(parent, "Open a design", str(folder), DESIGNS)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return _open(dialog, then)


def ask_save(parent: QWidget, title: str, proposal: Path, filters: str, then: Then) -> QFileDialog:
    """Where to write a file; Enter takes the proposal."""
    dialog = QFileDialog(parent, title, str(proposal.parent), filters)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.selectFile(proposal.name)
    return _open(dialog, then)


class FolderDialog(QFileDialog):
    """Takes a folder whether it is there or not; Qt's own either insists on one or would only walk into it."""

    def accept(self) -> None:
        """The folder that is named is the answer."""
        named = self.selectedFiles() or [self.directory().absolutePath()]
        self.fileSelected.emit(named[0])
        self.done(QFileDialog.DialogCode.Accepted)


def ask_folder(parent: QWidget, title: str, proposal: Path, then: Then) -> QFileDialog:
    """Which folder to write into; it need not be there yet."""
    dialog = FolderDialog(parent, title, str(proposal.parent), "Folder (*)")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Export")
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)  # a native one insists on a file
    dialog.selectFile(proposal.name)
    return _open(dialog, then)


def ask_to_save(
    parent: QWidget,
    name: str,
    save: Callable[[], object],
    discard: Callable[[], object],
    stay: Callable[[], object] = lambda: None,
) -> QMessageBox:
    """What to do with unsaved changes before they would go."""
    box = QMessageBox(parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle("Unsaved changes")
    box.setText(f"Save the changes to {shown(name)}?")
    box.setInformativeText("What is not saved is lost.")
    buttons = QMessageBox.StandardButton
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    box.setDefaultButton(buttons.Save)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def answered(result: int) -> None:
        if result == buttons.Save:
            save()
        elif result == buttons.Discard:
            discard()
        else:
            stay()

    box.finished.connect(answered)
    box.open()
    return box


def _open(dialog: QFileDialog, then: Then) -> QFileDialog:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda name: then(Path(name)))
    dialog.open()
    return dialog
