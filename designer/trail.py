"""Which network is on show: the way to it from the top network, through uses of blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from designer.document import Document
from designer.preview import Preview
from graph_ir.check import check
from graph_ir.graph import TOP, Graph
from graph_ir.report import LayerReport, Report
from graph_ir.use_words import block_of


class Step(NamedTuple):
    """Into a block: through which use, and the block's name."""

    use: str
    block: str


def shown_inside(entry: LayerReport) -> Report | None:
    """What is shown of a use of a block: its first repetition, or the first that must be mended."""
    inside = [one.report for one in entry.nested if one.report]
    return next((one for one in inside if not one.ok), inside[0] if inside else None)


def _ways(report: Report, block: str, way: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Report]]:
    """Every way to a use of a block, with what is shown of it."""
    for id, entry in report.layers.items():
        inside = shown_inside(entry) if entry.nested else None
        if inside is None:
            continue
        if inside.network == block:
            yield (*way, id), inside
        else:
            yield from _ways(inside, block, (*way, id))


class Trail(QObject):
    """Where the window is. A step whose use or block is gone (by an undo, say) is taken back."""

    changed = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._steps: tuple[Step, ...] = ()
        self._known: tuple[Report, tuple[Step, ...], Report] | None = None
        self._tried: tuple[Preview, tuple[Step, ...], Report | None] | None = None
        document.checked.connect(lambda _report: self.mend())
        document.reset.connect(lambda: self.leave(0))

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps from the top network; none: it is on show itself."""
        return self._steps

    @property
    def network(self) -> str:
        """The name of the network on show, "" for the top one."""
        if any(step.block not in self._document.design.networks for step in self._steps):
            self.mend()  # asked between the facts of one edit
        return self._steps[-1].block if self._steps else TOP

    @property
    def graph(self) -> Graph:
        """The network on show."""
        return self._document.design.networks[self.network]

    @property
    def report(self) -> Report:
        """What the check has found in the network on show, with the sizes that this very use gives it."""
        top = self._document.report
        if not self._steps:
            return top
        if self._known is None or self._known[0] is not top or self._known[1] != self._steps:
            self._known = (top, self._steps, self._find(top))
        return self._known[2]

    @property
    def previewed(self) -> Report | None:
        """The same, were the edit done that is being made; None where there is none, or it takes the network away."""
        preview = self._document.previewing
        if preview is None:
            return None
        if self._tried is None or self._tried[0] is not preview or self._tried[1] != self._steps:
            found = self._inside(preview.report) or preview.alone.get(self.network)
            self._tried = (preview, self._steps, found)
        return self._tried[2]

    def _find(self, top: Report) -> Report:
        return self._inside(top) or check(self._document.design, self.network)

    def _inside(self, top: Report) -> Report | None:
        """What the uses on the way have found; None where one of them runs nothing."""
        report = top
        for step in self._steps:
            entry = report.layers.get(step.use)
            inside = [one.report for one in entry.nested if one.report] if entry else []
            wrong = [one for one in inside if not one.ok]  # the repetition that must be mended
            found = next((one for one in (*wrong, *inside) if one.network == step.block), None)
            if found is None:
                return None
            report = found
        return report

    def uses(self) -> int:
        """How many layers of the design use the block on show."""
        networks = self._document.design.networks.values()
        return sum(name == self.network for graph in networks for name in graph.uses.values())

    def enter(self, use: str) -> bool:
        """Go into the block that a layer of this network uses; False where it uses none."""
        block = block_of(self.graph.node(use)) if use in self.graph else ""
        if not block or block not in self._document.design.networks:
            return False
        self._go((*self._steps, Step(use, block)))
        return True

    def follow(self, uses: Sequence[str]) -> bool:
        """Go the way from the top network through these uses of blocks; False where one of them is not there."""
        graph, steps = self._document.design.top, list[Step]()
        for use in uses:
            block = block_of(graph.node(use)) if use in graph else ""
            if not block or block not in self._document.design.networks:
                return False
            steps.append(Step(use, block))
            graph = self._document.design.networks[block]
        self._go(tuple(steps))
        return True

    def way_to(self, block: str, fits: Callable[[Report], bool]) -> tuple[str, ...] | None:
        """The uses on a way to a block: where it is on show the way there, else to a use that fits, else to any."""
        if self.network == block and fits(self.report):
            return tuple(step.use for step in self._steps)
        ways = list(_ways(self._document.report, block, ()))
        return next((way for way, report in ways if fits(report)), ways[0][0] if ways else None)

    def leave(self, depth: int | None = None) -> None:
        """Go back to the network so many steps from the top; without a number, one step."""
        self._go(self._steps[: len(self._steps) - 1 if depth is None else depth] if self._steps else ())

    def mend(self) -> None:
        """Follow blocks that have another name now, and take back the steps that lead nowhere any more."""
        networks, graph = self._document.design.networks, self._document.design.top
        found: list[Step] = []
        for step in self._steps:
            block = block_of(graph.node(step.use)) if step.use in graph else ""
            if not block or block not in networks:
                break
            found.append(Step(step.use, block))
            graph = networks[block]
        self._go(tuple(found))

    def _go(self, steps: tuple[Step, ...]) -> None:
        if steps != self._steps:
            self._steps = steps
            self.changed.emit()
