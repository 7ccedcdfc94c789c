"""Where in a file a problem of the design is: `digits.loom.json:29`."""

from __future__ import annotations

from pathlib import Path

from graph_ir.locate import layer_lines
from graph_ir.problems import Problem
from graph_ir.strict_json import NotJson, decoded


class Places:
    """Lines of one file, looked up when the first problem asks."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._lines: dict[tuple[str, str, str], int] | None = None

    def of(self, problem: Problem) -> str:
        """The file and the line of the field, else of the layer, else the first."""
        if self._lines is None:
            self._lines = self._read()
        place = (problem.network, problem.layer or "")
        line = self._lines.get((*place, problem.field or ""), self._lines.get((*place, ""), 1))
        return f"{self.file}:{line}"

    def _read(self) -> dict[tuple[str, str, str], int]:
        try:
            return layer_lines(decoded(Path(self.file).read_bytes()))
        except (OSError, NotJson):  # it was there a moment ago
            return {}
