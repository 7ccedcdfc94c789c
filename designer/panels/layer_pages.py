"""The pages of the inspector, one for each kind of layer that was looked at."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from designer.panels.layer_page import ABOUT_IT, LayerPage
from designer.panels.slots import declaration, groups
from designer.theme import Theme
from graph_ir.graph import Graph, Node
from graph_ir.use_words import block_of

MOST_PAGES = 12
Made = tuple[str, ...]


def made_from(node: Node, graph: Graph) -> Made:
    """What the rows of a layer are made from: another type or block has others."""
    block = block_of(node)
    spec = declaration(node, graph)
    if not block and spec is not None and not spec.varies:
        return (node.type,)
    made = groups(node, graph)
    slots = (f"{slot.key} {slot.kind.describe()} {slot.default!r}" for _, members in made for slot in members)
    return (node.type, block, str(block in graph.blocks), *slots)


class LayerPages:
    """Layers whose rows are alike have one page. Those that were not shown for the longest time are dropped."""

    def __init__(self, connect: Callable[[LayerPage], None], drop: Callable[[QWidget], None]) -> None:
        self._connect, self._drop = connect, drop
        self._pages: dict[Made, LayerPage] = {}
        self._folded = {ABOUT_IT}

    def __contains__(self, page: object) -> bool:
        return page in self._pages.values()

    def clear(self) -> None:
        """Away with all: they look different now."""
        for page in self._pages.values():
            self._drop(page)
        self._pages.clear()

    def of(self, node: Node, graph: Graph, theme: Theme) -> LayerPage:
        """The page for a layer; its rows may still show another one."""
        made = made_from(node, graph)
        page = self._pages.pop(made, None)
        if page is None:
            way_in = bool(block_of(node)) and block_of(node) in graph.blocks
            spec = declaration(node, graph)
            page = LayerPage(node, spec, groups(node, graph), theme, self._folded, has_way_in=way_in)
            self._connect(page)
        self._pages[made] = page  # the page used last stands last
        if len(self._pages) > MOST_PAGES:
            self._drop(self._pages.pop(next(iter(self._pages))))
        return page
