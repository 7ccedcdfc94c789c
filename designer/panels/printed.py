"""Printed code as the window shows it: files, and which lines are about which layer, in blocks too. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from graph_ir.report import Report

Lines = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class PrintedBlock:
    """The class of a block: the lines of its layers, and what the check found in the uses that it stands for."""

    block: str
    lines: Lines
    reports: tuple[Report, ...] = ()

    def stands_for(self, report: Report) -> bool:
        """Whether a use is one of those."""
        return any(one is report for one in self.reports)


@dataclass(frozen=True)
class PrintedCode:
    """The files as text, the lines of each layer in the first of them, or why there are none."""

    files: Mapping[str, str] = field(default_factory=dict)
    lines: Lines = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    blocks: tuple[PrintedBlock, ...] = ()

    def lines_of(self, ids: Iterable[str], network: str = "", report: Report | None = None) -> list[int]:
        """The lines of layers of a network; of a block in the class of this very use, where it has one of its own."""
        tables: list[Lines] = [self.lines]
        if network:
            of_block = [one for one in self.blocks if one.block == network]
            own = [one for one in of_block if report is not None and one.stands_for(report)]
            tables = [one.lines for one in own or of_block]
        wanted = tuple(ids)
        return sorted({line for table in tables for id in wanted for line in table.get(id, ())})

    def at(self, line: int) -> tuple[PrintedBlock | None, str] | None:
        """Whose line it is: a layer of the network, or of a block."""
        for block, table in [(None, self.lines), *((one, one.lines) for one in self.blocks)]:
            for id, lines in table.items():
                if line in lines:
                    return block, id
        return None
