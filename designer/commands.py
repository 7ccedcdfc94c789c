"""Undo steps: `graph_ir` edits on Qt's undo stack.

A command is pushed after its edit was checked and carried out, so that nothing can fail inside `redo` and leave a
phantom step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtGui import QUndoCommand

from graph_ir.edits import Edit

MERGES = 1  # Qt asks only commands with the same id whether they merge


class EditCommand(QUndoCommand):
    """One undo step of one or more edits. Steps with the same non-empty `merge` key become one."""

    def __init__(
        self, title: str, edits: Iterable[Edit], carry_out: Callable[[Edit], None], merge: str = ""
    ) -> None:
        super().__init__(_one_line(title))
        self._edits = list(edits)
        self._carry_out = carry_out
        self._merge = merge
        self._is_done = True  # the first redo, at the push, finds its work done

    def redo(self) -> None:
        """Carry the edits out again."""
        if self._is_done:
            self._is_done = False
            return
        for edit in self._edits:
            self._carry_out(edit)

    def undo(self) -> None:
        """Take the edits back, the last one first."""
        for edit in reversed(self._edits):
            self._carry_out(edit.inverse())

    def id(self) -> int:
        """Which commands may merge at all."""
        return MERGES if self._merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take in the following command if it goes on with the same piece of work."""
        if not isinstance(other, EditCommand) or other._merge != self._merge:
            return False
        self._edits += other._edits
        return True


def _one_line(title: str) -> str:
    """A title for a menu: ids in it are any text, and `&` is no mnemonic."""
    plain = "".join(letter if letter.isprintable() else " " for letter in title)
    return (plain if len(plain) <= 80 else f"{plain[:79]}…").replace("&", "&&")
