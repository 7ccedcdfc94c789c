"""The last finished run of a design, and what one real sample is on its wires: looked for beside the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from designer.services.background import in_background
from graph_ir.edits import Refused
from graph_ir.file import Unreadable, read
from graph_ir.graph import Design
from graph_ir.report import Report


@dataclass(frozen=True)
class Told:
    """What a run says of one design: values by layer and port, or why there are none."""

    run: str = ""
    values: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    trouble: str = ""
    is_coming: bool = False


class Samples(QObject):
    """One look per design and list of runs; `changed` tells that there is more to say."""

    changed = Signal()

    def __init__(self, design: Callable[[], tuple[Design, Report]], runs_folder: Callable[[], Path]) -> None:
        super().__init__()
        self._design, self._runs_folder = design, runs_folder
        self._asked: tuple[Report, int] | None = None
        self._told = Told()

    def told(self) -> Told:
        """What is known now; the first question about a state of the design begins to look."""
        design, report = self._design()
        folder = self._runs_folder()
        stamp = _stamp(folder)
        if self._asked is None or self._asked[0] is not report or self._asked[1] != stamp:
            self._asked, self._told = (report, stamp), Told()
            if stamp:
                text = _networks(design)
                in_background(lambda: _last_run(folder, text), self._found, self._failed)
        return self._told

    def _found(self, run: Path | None) -> None:
        if run is None:
            return
        self._told = Told(run.name, is_coming=True)
        self.changed.emit()
        in_background(lambda: _values(run), lambda told: self._take(run, told), self._failed)

    def _take(self, run: Path, told: Told) -> None:
        if self._told.run == run.name:
            self._told = told
            self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self._told = Told(self._told.run, trouble=str(error) if isinstance(error, Refused) else "")
        self.changed.emit()
        if not isinstance(error, Refused):
            raise error


def _stamp(folder: Path) -> int:
    """Changes whenever a run has ended; 0 where none has."""
    try:
        results = [path.stat().st_mtime_ns for path in folder.glob("*/result.json")]
    except OSError:
        return 0
    return hash(tuple(sorted(results))) if results else 0


def _networks(design: Design) -> list[tuple[str, list[Any], set[Any], dict[str, Any]]]:
    """What a design computes, whatever its layout, training and names of the file are."""
    return [
        (
            name,
            [(node.id, node.type, dict(node.values)) for node in graph],
            set(graph.wires()),
            dict(graph.parameters),
        )
        for name, graph in design.networks.items()
    ]


def _last_run(folder: Path, networks: list[tuple[str, list[Any], set[Any], dict[str, Any]]]) -> Path | None:
    """The newest finished run of a design that computes the same."""
    from codegen.training import runs

    for run in runs.list_runs(folder):
        if run.status not in ("finished", "stopped"):
            continue
        try:
            same = _networks(read(run.folder / "design.loom.json")) == networks
        except Unreadable:
            continue
        if same:
            return run.folder
    return None


def _values(run: Path) -> Told:
    from codegen.sampling import sample

    return Told(run.name, sample(run))
