"""What is known of a training run, gathered from its events one by one. No Qt: plain data for the views."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Any
PARTS = ("train", "validation")
FACTS = frozenset({"time", "event", "epoch", "step"})


@dataclass
class RunState:
    """A run as far as it has come. `series` maps (part, metric) to its values at the end of epochs 1, 2, …"""

    name: str = ""
    wanted_epochs: int = 0
    device: str = ""
    started: float = 0.0
    epochs: int = 0
    steps: int = 0
    batch: int = 0
    batches: int = 0
    losses: list[tuple[float, float]] = field(default_factory=list)
    series: dict[tuple[str, str], list[tuple[float, float]]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    status: str = "starting"
    message: str = ""
    seconds: float = 0.0
    result: Mapping[str, Json] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether the run has ended, one way or another."""
        return self.status in ("finished", "stopped", "failed")

    @property
    def progress(self) -> float:
        """How much is done, from 0 to 1."""
        if self.status == "finished":
            return 1.0
        if not self.wanted_epochs:
            return 0.0
        within = self.batch / self.batches if self.batches else 0.0
        return min(1.0, (self.epochs + within) / self.wanted_epochs)

    @property
    def metrics(self) -> list[str]:
        """The metrics there are numbers for, the loss first."""
        names = dict.fromkeys(metric for _, metric in self.series)
        return sorted(names, key=lambda name: name != "loss")

    def left(self, now: float | None = None) -> float | None:
        """The seconds that are likely left; None while that is not known."""
        done = self.progress
        if self.is_over or not self.started or done <= 0.01:
            return None
        return max(0.0, ((now or time.time()) - self.started) * (1 - done) / done)

    def take(self, events: Iterable[Mapping[str, Json]]) -> None:
        """Go on with these events; what is not as expected is passed over."""
        for event in events:
            kind = event.get("event")
            if kind == "step":
                self._step(event)
            elif kind == "epoch":
                self._epoch(event)
            elif kind == "warning":
                self.warnings.append(str(event.get("message", "")))
            elif kind == "end":
                self._end(event)

    def _step(self, event: Mapping[str, Json]) -> None:
        self.status = "running"
        self.steps = _whole(event.get("step"))
        self.batch, self.batches = _whole(event.get("batch")), _whole(event.get("batches"))
        self.epochs = max(0, _whole(event.get("epoch")) - 1)
        loss = event.get("loss")
        if isinstance(loss, int | float) and self.batches:
            self.losses.append((self.epochs + self.batch / self.batches, float(loss)))

    def _epoch(self, event: Mapping[str, Json]) -> None:
        self.status = "running"
        self.epochs, self.batch = _whole(event.get("epoch")), 0
        for name, value in event.items():
            part, _, metric = name.partition("_")
            if part in PARTS and name not in FACTS and isinstance(value, int | float):
                self.series.setdefault((part, metric), []).append((self.epochs, float(value)))

    def _end(self, event: Mapping[str, Json]) -> None:
        self.status = str(event.get("status", "failed"))
        self.message = str(event.get("message", ""))
        self.epochs = _whole(event.get("epochs", self.epochs))
        seconds = event.get("seconds")
        self.seconds = float(seconds) if isinstance(seconds, int | float) else 0.0

    def test_metrics(self) -> dict[str, float]:
        """The numbers on the test part; empty until the run has finished."""
        metrics = self.result.get("metrics", {})
        test = metrics.get("test", {}) if isinstance(metrics, Mapping) else {}
        return {name: float(value) for name, value in test.items() if isinstance(value, int | float)}

    def confusion(self) -> list[list[int]]:
        """How often each class (row) was taken for each (column); empty where there are no classes."""
        found = self.result.get("confusion") or []
        rows = [[_whole(value) for value in row] for row in found if isinstance(row, list)]
        return rows if rows and all(len(row) == len(rows) for row in rows) else []

    def class_names(self) -> list[str]:
        """What the classes are called."""
        names = self.result.get("classes") or []
        size = len(self.confusion())
        return [str(name) for name in names] if len(names) == size else [str(i) for i in range(size)]


def _whole(value: Json) -> int:
    return int(value) if isinstance(value, int | float) else 0


def duration(seconds: float) -> str:
    """A time in words: `42 s`, `3 min 5 s`, `2 h 10 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
