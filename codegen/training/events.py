"""Follows the event log of a run while it is written, and sorts its numbers into curves."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Event = dict[str, Any]
Curves = dict[str, list[tuple[float, float]]]

LOG = "events.jsonl"
_CHUNK = 4 << 20
_LONGEST_LINE = 1 << 20


class Follower:
    """Reads what was added to `events.jsonl` since the last look: whole lines only, damaged ones left out."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOG
        self._offset = 0

    def read(self) -> list[Event]:
        """The new events, [] while there is no log. Never raises for what a log can hold."""
        found: list[Event] = []
        while lines := self._lines():
            found += [event for event in map(_event, lines) if event is not None]
        return found

    def _lines(self) -> list[bytes]:
        try:
            with open(self._path, "rb") as file:
                if file.seek(0, 2) < self._offset:
                    self._offset = 0  # another run began in this folder
                file.seek(self._offset)
                text = file.read(_CHUNK)
        except OSError:
            return []
        end = text.rfind(b"\n") + 1
        if not end and len(text) > _LONGEST_LINE:
            end = len(text)  # no log of ours: pass over it
        self._offset += end
        return text[:end].splitlines()


def _event(line: bytes) -> Event | None:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None


def curves(events: Iterable[Event]) -> Curves:
    """Points (epoch, value) by name: `step_loss` within epochs, `train_loss`, `validation_accuracy` … at their ends."""
    found: Curves = {}
    for event in events:
        epoch: Any = event.get("epoch")
        if not _is_number(epoch):
            continue
        if event["event"] == "step" and _is_number(event.get("loss")):
            found.setdefault("step_loss", []).append((epoch - 1 + _share(event), event["loss"]))
        if event["event"] == "epoch":
            for name, value in event.items():
                if name.startswith(("train_", "validation_")) and _is_number(value):
                    found.setdefault(name, []).append((epoch, value))
    return found


def _share(event: Event) -> float:
    """How far into its epoch a step is: 0 to 1."""
    batch: Any = event.get("batch")
    batches: Any = event.get("batches")
    return float(batch / batches) if _is_number(batch) and _is_number(batches) and batches > 0 else 0.0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
