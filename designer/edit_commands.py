"""What the commands about layers as a whole do: cut, copy, paste, duplicate, bypass, hide; label and note."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLineEdit, QPlainTextEdit, QTextEdit

from designer.canvas.adding.adding import positions_of
from designer.canvas.gestures.deeds import whole_load
from designer.canvas.gestures.laying import Corner, corner_beside, corner_for_paste, lay
from designer.canvas.gestures.marks import Mark, Thing
from designer.panels.layer_page import LABEL, NOTE
from designer.theme import Theme
from graph_ir import clipboard
from graph_ir.annotations import annotations_of
from graph_ir.bypass_edits import bypass
from graph_ir.clipboard import MIME
from graph_ir.edits import Refused
from graph_ir.pasting import Piece
from graph_ir.sheets import Carried

if TYPE_CHECKING:
    from designer.main_window import MainWindow

Texts = QLineEdit | QTextEdit | QPlainTextEdit


class EditCommands:
    """Works on the selection of the canvas; where a text has the focus, on the text."""

    def __init__(self, window: MainWindow) -> None:
        self._window, self._canvas = window, window.design.canvas

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """What each command does."""
        return {
            "cut": self.cut,
            "copy": self.copy,
            "paste": self.paste,
            "duplicate": self.duplicate,
            "duplicate_wired": lambda: self.duplicate(keep_inputs=True),
            "bypass": self.bypass,
            "hide": self.hide,
            "edit_label": lambda: self._edit(LABEL),
            "edit_note": lambda: self._edit(NOTE),
        }

    def set_theme(self, theme: Theme) -> None:
        """It paints nothing."""

    # The clipboard

    def copy(self) -> None:
        """Put what is selected onto the clipboard, as text that any editor shows."""
        focus = QApplication.focusWidget()
        if isinstance(focus, Texts):
            focus.copy()
        elif isinstance(focus, QAbstractItemView) and focus is not self._window.design.outline.tree:
            _copy_cells(focus)
        elif self._is_here():
            self._say(f"Copied {_count(things)}." if (things := self._copied()) else NOTHING)

    def cut(self) -> None:
        """The same, and remove it; wires are joined as where it is deleted."""
        focus = QApplication.focusWidget()
        if isinstance(focus, Texts):
            focus.cut()
        elif self._is_here():
            things = self._copied()
            if things:
                self._remove(things)
            self._say(f"Cut {_count(things)}." if things else NOTHING)

    def paste(self) -> None:
        """Put what is on the clipboard at the mouse, else below what is selected; a refusal is said in the bar."""
        focus = QApplication.focusWidget()
        if isinstance(focus, Texts):
            focus.paste()
            return
        if not self._is_here():
            return
        held = _held()
        try:
            piece = clipboard.read(held)
            self._lay(piece, partial(corner_for_paste, self._canvas), "Paste", keep_inputs=False)
        except Refused as error:
            self._window.message.tell(str(error), "warning")

    def duplicate(self, *, keep_inputs: bool = False) -> None:
        """Put a copy of what is selected beside it, with the wires that come in or without."""
        things = self._load()
        if not self._is_here() or not things:
            self._say(NOTHING)
            return
        try:
            piece = clipboard.read(self._text(things))
            beside = partial(corner_beside, self._canvas, things)
            self._lay(piece, beside, "Duplicate", keep_inputs=keep_inputs)
        except Refused as error:
            self._window.message.tell(str(error), "warning")

    def _load(self) -> list[Thing]:
        """What is selected, with what lies in a selected frame and what stands on the chip of a selected loss."""
        canvas = self._canvas
        things = whole_load(canvas)
        chips = [chip.view for chip in canvas.canvas_scene.chips.values() if chip.view.loss in things]
        return list(dict.fromkeys([*things, *(name for chip in chips for name, _ in chip.parts)]))

    def _copied(self) -> list[Thing]:
        """Puts what is selected onto the clipboard; what that is."""
        things = self._load()
        if things:
            text = self._text(things)
            data = QMimeData()
            data.setText(text)
            data.setData(MIME, text.encode())
            QGuiApplication.clipboard().setMimeData(data)
        return things

    def _text(self, things: list[Thing]) -> str:
        canvas = self._canvas
        layers = [thing for thing in things if isinstance(thing, str)]
        marks = [thing for thing in things if isinstance(thing, Mark)]
        also = Carried(
            *(tuple(mark.index for mark in marks if mark.kind == kind) for kind in ("frame", "comment"))
        )
        return clipboard.copy(
            canvas.document.design, canvas.network, layers, places=positions_of(canvas), also=also
        )

    def _remove(self, things: list[Thing]) -> None:
        document, network = self._canvas.document, self._canvas.network
        layers = [thing for thing in things if isinstance(thing, str)]
        marks = sorted((thing for thing in things if isinstance(thing, Mark)), key=lambda mark: -mark.index)
        with document.one_step(f"Cut {_count(things)}"):
            if layers:
                document.remove_layers(network, layers)
            for mark in marks:  # the last first: the others keep their places
                (document.remove_frame if mark.kind == "frame" else document.remove_comment)(
                    network, mark.index
                )

    def _lay(self, piece: Piece, corner: Corner, verb: str, *, keep_inputs: bool) -> None:
        """Lays a piece onto the sheet, selects it and says so. Raises Refused."""
        edit = lay(self._canvas, piece, corner, verb, keep_inputs=keep_inputs)
        done = {"Paste": "Pasted", "Duplicate": "Duplicated"}[verb]
        self._say(f"{done} {edit.title.partition(' ')[2]}{f', {edit.note}' if edit.note else ''}.")

    # Left out

    def bypass(self) -> None:
        """Leave the selected layers out; where all of them are, put them back."""
        canvas = self._canvas
        chosen = canvas.selected()
        if not chosen:
            self._say("Select the layers to bypass.")
            return
        on = not all(canvas.graph.node(name).bypass for name in chosen)
        edit = canvas.attempt(lambda: bypass(canvas.document.design, canvas.network, chosen, on))
        if edit is not None:
            canvas.document.perform(edit)
            self._say(f"{edit.title}{f', {edit.note}' if edit.note else ''}.")

    def hide(self) -> None:
        """Leave the selected layers out of pictures; where all of them are, show them there again."""
        canvas = self._canvas
        chosen = canvas.selected()
        if not chosen:
            self._say("Select the layers to hide from pictures.")
            return
        hidden = annotations_of(canvas.document.design.layout, canvas.network).hidden
        on = not hidden.issuperset(chosen)
        canvas.attempt(lambda: canvas.document.set_hidden(canvas.network, chosen, on))
        words = "left out of" if on else "back in"
        self._say(f"{_count(list(chosen))} {'is' if len(chosen) == 1 else 'are'} {words} pictures.")

    # In words

    def _edit(self, name: str) -> None:
        """Puts the cursor into a row of the inspector."""
        if len(self._canvas.selected()) != 1 or not self._window.design.inspector.focus_field(name):
            self._say(f"Select one layer to give it a {name}.")

    def _is_here(self) -> bool:
        """Whether the sheet is on show; else says where it is."""
        shown = self._canvas.isVisible()
        if not shown:
            self._say("That works on the Design page (Ctrl+1).")
        return shown

    def _say(self, words: str) -> None:
        self._window.status.say(words)


NOTHING = "Select layers, frames or comments first."


def _count(things: list[Thing]) -> str:
    layers = [thing for thing in things if isinstance(thing, str)]
    if len(things) == 1:
        return layers[0][:60] if layers else f"the {things[0].kind}" if isinstance(things[0], Mark) else ""
    return f"{len(things):,} {'layers' if len(layers) == len(things) else 'things'}"


def _copy_cells(view: QAbstractItemView) -> None:
    """The selected cells of a table or list as text, a row a line."""
    rows: dict[int, list[str]] = {}
    for index in sorted(view.selectionModel().selectedIndexes(), key=lambda one: (one.row(), one.column())):
        rows.setdefault(index.row(), []).append(str(index.data() or ""))
    if rows:
        QGuiApplication.clipboard().setText("\n".join("\t".join(row) for row in rows.values()))


def _held() -> str:
    """What is on the clipboard, as text; nothing where it is empty or another program does not give it away."""
    data = cast("QMimeData | None", QGuiApplication.clipboard().mimeData())  # the stub does not know None
    if data is None:
        return ""
    return bytes(data.data(MIME).data()).decode("utf-8", "replace") if data.hasFormat(MIME) else data.text()
