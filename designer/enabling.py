"""Which commands can do something just now, and why the others can't: said in menus, in the palette and at the key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence

from designer.actions import COMMANDS, plain_text
from designer.theme import Theme
from graph_ir.use_words import block_of

if TYPE_CHECKING:
    from designer.main_window import MainWindow

ALIGNING = ("left", "centre", "right", "top", "middle", "bottom")


class Enabling(QObject):
    """Looks at selection and design when they have changed; a rule gives a reason, or nothing where all is well."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._canvas = window, window.design.canvas
        self._rules = self._made()
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self.refresh)
        document = window.document
        for told in (
            self._canvas.choice_changed,
            self._canvas.trail.changed,
            document.checked,
            document.path_changed,
            document.undo_stack.indexChanged,
            document.undo_stack.cleanChanged,
            window.design.problems.count_changed,
        ):
            told.connect(self.refresh)
        window.installEventFilter(self)
        self._later.start()

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """It does no command itself."""
        return {}

    def set_theme(self, theme: Theme) -> None:
        """It paints nothing."""

    def refresh(self) -> None:
        """Ask every rule again."""
        for name, rule in self._rules.items():
            reason = rule()
            self._window.actions_.enable(name, not reason, reason)

    def _made(self) -> dict[str, Callable[[], str]]:
        rules = dict.fromkeys(
            ("edit_label", "edit_note", "bypass", "hide", "take_out", "make_block"),
            self._no_layer,
        )
        rules |= {
            "duplicate_wired": self._no_layer,
            "next_wire": lambda: "" if self._canvas.chosen_wires() else self._no_layer(),
        }
        rules |= dict.fromkeys(("cut", "copy", "duplicate"), self._nothing)
        rules |= dict.fromkeys(("delete", "delete_only", "menu"), self._nothing_at_all)
        rules |= {f"align_{edge}": lambda: self._too_few(2) for edge in ALIGNING}
        rules |= dict.fromkeys(("distribute_across", "distribute_down"), lambda: self._too_few(3))
        rules |= dict.fromkeys(("enter_block", "make_unique", "dissolve"), self._no_use)
        rules |= dict.fromkeys(("add_bend", "disconnect", "insert_here"), self._no_wire)
        rules |= dict.fromkeys(("tidy", "tidy_dot", "select_all", "find", "fit"), self._empty)
        rules |= dict.fromkeys(("next_problem", "previous_problem"), self._no_problem)
        rules |= {
            "tidy_selection": self._no_two_layers,
            "straighten": lambda: "" if self._canvas.chosen_wires() else self._no_layer(),
            "edit_mark": lambda: "" if self._canvas.marks.chosen() else "no frame or comment is selected",
            "next_mark": lambda: "" if self._canvas.marks.views() else "there is no frame or comment here",
            "leave_block": lambda: "" if self._canvas.network else "this is the whole model, not a block",
            "reveal": lambda: (
                "" if self._window.document.path else "the design has no file yet; save it first"
            ),
            "undo": lambda: "" if self._window.document.undo_stack.canUndo() else "nothing was changed yet",
            "redo": lambda: "" if self._window.document.undo_stack.canRedo() else "nothing was undone",
        }
        return {name: rule for name, rule in rules.items() if name in COMMANDS}

    def _no_layer(self) -> str:
        return "" if self._canvas.selected() else "no layer is selected"

    def _nothing(self) -> str:
        return "" if self._canvas.things() else "nothing is selected"

    def _nothing_at_all(self) -> str:
        return "" if self._canvas.chosen_wires() else self._nothing()

    def _too_few(self, least: int) -> str:
        few = len(self._canvas.things()) < least
        return f"{'two' if least == 2 else 'three'} or more layers must be selected" if few else ""

    def _no_two_layers(self) -> str:
        return "" if len(self._canvas.selected()) > 1 else "two or more layers must be selected"

    def _no_use(self) -> str:
        graph, selected = self._canvas.graph, self._canvas.selected()
        uses = len(selected) == 1 and selected[0] in graph and block_of(graph.node(selected[0]))
        return "" if uses else "no single layer that uses a block is selected"

    def _no_wire(self) -> str:
        return "" if self._canvas.chosen_wires() else "no wire is selected"

    def _empty(self) -> str:
        return "" if len(self._canvas.graph) else "nothing is drawn yet"

    def _no_problem(self) -> str:
        return "" if self._window.design.problems.problems() else "there are no problems"

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A key that nobody took, since its command can't be done now, is answered with the reason."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            pressed = QKeySequence(event.keyCombination())
            for name, action in self._window.actions_.all.items():
                why = self._window.actions_.why(name)
                counts = COMMANDS[name].scope == "window" or self._canvas.hasFocus()
                if why and counts and action.isVisible() and pressed in action.shortcuts():
                    self._window.status.say(f"{plain_text(action.text())}: {why}.")
                    break
        return False
