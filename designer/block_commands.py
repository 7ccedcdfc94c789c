"""What the commands about blocks do: make one of the selection, enter and leave it, make it unique, dissolve it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from graph_ir.edits import Refused
from graph_ir.use_words import block_of

if TYPE_CHECKING:
    from designer.main_window import MainWindow


class BlockCommands:
    """Works on the selection of the canvas; what is not possible is said in the status bar."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._canvas = window.design.canvas

    def handlers(self) -> dict[str, Callable[[], object]]:
        """What each command does."""
        return {
            "make_block": self.make,
            "enter_block": self.enter,
            "leave_block": self._canvas.rooms.leave,
            "make_unique": self.make_unique,
            "dissolve": self.dissolve,
        }

    def make(self) -> None:
        """Make a block of the selected layers; its use is selected, and its name can be changed in the block."""
        canvas, document = self._canvas, self._window.document
        selected, name = canvas.selected(), self._free_name("Block")
        if not selected:
            self._say("Select the layers that shall be a block.")
            return
        made = self._try(lambda: document.make_block(canvas.network, selected, name))
        if made is not None:
            canvas.select(made[:1], reveal=True)
            self._say(f"Made {name}. Enter it (Ctrl+Enter) to give it another name and parameters.")

    def enter(self) -> None:
        """Show the block that the selected layer uses."""
        if not self._canvas.rooms.enter():
            self._say("Select a layer that uses a block, to enter it.")

    def make_unique(self) -> None:
        """Give the selected use a block of its own."""
        use = self._use()
        if use is not None:
            canvas, document = self._canvas, self._window.document
            name = self._free_name(block_of(canvas.graph.node(use)))
            if self._try(lambda: document.make_unique(canvas.network, use, name)) is not None:
                self._say(f"{use} now uses {name}: a change there changes no other layer.")

    def dissolve(self) -> None:
        """Put what is in the block in the place of the selected use."""
        use = self._use()
        if use is not None:
            canvas, document = self._canvas, self._window.document
            before = set(canvas.graph.ids())
            if self._try(lambda: document.dissolve(canvas.network, use)) is not None:
                canvas.select([id for id in canvas.graph.ids() if id not in before], reveal=True)

    def _is_use(self, ids: list[str]) -> bool:
        graph = self._canvas.graph
        return bool(ids) and all(id in graph and block_of(graph.node(id)) for id in ids)

    def _use(self) -> str | None:
        selected = self._canvas.selected()
        if len(selected) == 1 and self._is_use(selected):
            return selected[0]
        self._say("Select one layer that uses a block.")
        return None

    def _free_name(self, stem: str) -> str:
        """`Block1`, `Block2` …: one that no block has."""
        stem = stem.rstrip("0123456789") or "Block"
        networks = self._window.document.design.networks
        return next(name for number in count(1) if (name := f"{stem[:190]}{number}") not in networks)

    def _try(self, intent: Callable[[], tuple[str, ...]]) -> tuple[str, ...] | None:
        try:
            return intent()
        except Refused as error:
            self._say(str(error))
            return None

    def _say(self, words: str) -> None:
        self._window.status.say(words)
