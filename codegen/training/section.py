"""Values of the `training` section, each checked; what can't be used becomes a problem and its default is taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph_ir.problems import Problem, Severity
from graph_ir.report import Report

WHOLE = 1 << 31


class Section:
    """Reads values and gathers `problems`; `section` is what the file holds, `report` the check of the network."""

    def __init__(self, section: Mapping[str, Any], report: Report) -> None:
        self.section, self.report = section, report
        self.problems: list[Problem] = []

    def add(
        self, code: str, text: str, field: str, layer: str | None = None, severity: Severity = "error"
    ) -> None:
        self.problems.append(Problem(severity, code, text, layer=layer, field=field))

    def mapping(self, parent: Mapping[str, Any], key: str, place: str) -> Mapping[str, Any]:
        value = parent.get(key, {})
        if not isinstance(value, Mapping):
            self.add("bad-setting", f"`{place}` is {shown(value)}, but must be an object; mend it.", place)
            return {}
        return value

    def whole(
        self, parent: Mapping[str, Any], key: str, default: int, low: int, place: str = "", high: int = WHOLE
    ) -> int:
        value = parent.get(key, default)
        place = place or f"training.{key}"
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            text = (
                f"`{place}` is {shown(value)}, but must be a whole number from {low} to {high}; choose one."
            )
            self.add("bad-setting", text, place)
            return default
        return value

    def number(self, given: Mapping[str, Any], key: str, default: float, low: float, high: float) -> float:
        value = given.get(key, default)
        if not is_number(value) or not low <= value <= high:
            place = f"training.optimizer.{key}"
            text = f"`{place}` is {shown(value)}, but must be a number from {low:g} to {high:g}; choose one."
            self.add("bad-setting", text, place)
            return default
        return float(value)

    def flag(self, given: Mapping[str, Any], key: str) -> bool:
        value = given[key]
        if not isinstance(value, bool):
            place = f"training.optimizer.{key}"
            self.add(
                "bad-setting", f"`{place}` is {shown(value)}, but must be true or false; mend it.", place
            )
            return False
        return value


def is_number(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and abs(value) < 1e300


def shown(value: Any) -> str:
    """A value of a file in a sentence, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
