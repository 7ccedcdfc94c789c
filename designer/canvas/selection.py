"""Which layers and wires are selected. The one thing the canvas knows that no design holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from designer.canvas.scene import CanvasScene
from designer.canvas.stock import WireKey


class Selection:
    """The selected layers, the one selected last at the end; the scene only shows it."""

    def __init__(self, scene: CanvasScene, tell: Callable[[list[str]], None]) -> None:
        self._scene, self._tell = scene, tell
        self._names: list[str] = []
        self._told: list[str] | None = None

    def names(self) -> list[str]:
        """The selected layers."""
        return list(self._names)

    def choose(self, names: Iterable[str]) -> None:
        """Select exactly these layers and no wire."""
        self._names = list(dict.fromkeys(names))
        for key in self._scene.chosen_wires():
            self._scene.wires[key].set_chosen(False)
        self.show()

    def choose_wire(self, key: WireKey) -> None:
        """Select one wire and no layer."""
        self.choose(())
        self._scene.wires[key].set_chosen(True)

    def keep_only(self, known: Iterable[str]) -> None:
        """Forget what is no longer there."""
        there = set(known)
        self._names = [name for name in self._names if name in there]
        self.show()

    def show(self) -> None:
        """Bring cards and chips in step, and tell once if anything is new."""
        self._scene.choose(self._names)
        if self._names != self._told:
            self._told = list(self._names)
            self._tell(list(self._names))
