"""The card of a wire shows one real sample after a run: who is asked for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from designer.services.samples import Samples
from designer.theme import Theme

if TYPE_CHECKING:
    from designer.main_window import MainWindow


class WireSamples:
    """Tells the card of a wire where runs and design are."""

    def __init__(self, window: MainWindow) -> None:
        document = window.document
        self.samples = Samples(lambda: (document.design, document.report), lambda: window.runs.folder)
        window.design.canvas.hand.card.use(self.samples)

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """It has no commands."""
        return {}

    def set_theme(self, theme: Theme) -> None:
        """The card is painted when it comes."""
