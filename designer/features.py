"""What the window can do, one class per topic: each says which commands it handles, and builds what it shows.

A topic gets the window when all its parts stand, before they are connected. To add one, write its class and name it in
`FEATURES`; its commands stand in `designer/actions.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from designer.arrange_commands import ArrangeCommands
from designer.context_menus import ContextMenus
from designer.edit_commands import EditCommands
from designer.enabling import Enabling
from designer.inspector_commands import InspectorCommands
from designer.layout_commands import LayoutCommands
from designer.live_commands import LiveCommands
from designer.look_commands import LookCommands
from designer.search_commands import SearchCommands
from designer.start_commands import StartCommands
from designer.theme import Theme
from designer.tour import Tour
from designer.view_commands import ViewCommands
from designer.wire_samples import WireSamples

if TYPE_CHECKING:
    from designer.main_window import MainWindow


class Feature(Protocol):
    """One topic of one window."""

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """What each of its commands does."""

    def set_theme(self, theme: Theme) -> None:
        """Paint what it shows in another look."""


FEATURES: tuple[Callable[[MainWindow], Feature], ...] = (
    ArrangeCommands,
    ContextMenus,
    Enabling,
    EditCommands,
    LayoutCommands,
    InspectorCommands,
    LiveCommands,
    LookCommands,
    StartCommands,
    SearchCommands,
    Tour,
    ViewCommands,
    WireSamples,
)
