"""Follows a training run on the terminal until it is over."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from codegen.training.events import Event, Follower
from codegen.training.runs import State, state, stop
from designer.commandline.output import plain, say

PAUSE = 0.1  # seconds between two looks
WIDTH = 24  # cells of the bar


def follow(folder: Path, child: subprocess.Popen[bytes], epochs: int) -> tuple[State, bool]:
    """Shows the run's progress on stderr until it is over; its state, and whether Ctrl-C asked it to stop.

    The first Ctrl-C asks the run to write a checkpoint and end; at the second it is left alone.
    """
    view = _View(epochs, sys.stderr.isatty())
    follower, interrupted = Follower(folder), False
    while True:
        try:
            over = child.poll() is not None
            view.show(follower.read(), state(folder).facts)
            if over:
                break
            time.sleep(PAUSE)
        except KeyboardInterrupt:
            if interrupted:
                raise
            interrupted = True
            stop(folder)
            view.line(f"stopping, with a checkpoint; the run is in {folder}")
    view.close()
    return state(folder), interrupted


class _View:
    """One line that is written over and over on a terminal; elsewhere a line for each epoch."""

    def __init__(self, epochs: int, terminal: bool) -> None:
        self.epochs, self.terminal = epochs, terminal
        self.began = time.monotonic()
        self.shown = 0
        self.named_device = False
        self.scores = ""

    def show(self, events: list[Event], facts: Mapping[str, Any]) -> None:
        if not self.named_device and "versions" in facts:
            self.named_device = True
            self.line(f"training on {facts.get('device')}")
        for event in events:
            if event["event"] == "warning":
                self.line(f"warning: {event.get('message')}")
            elif event["event"] == "epoch":
                self.scores = _scores(event, "validation_")
                if not self.terminal:
                    self.line(
                        f"epoch {event.get('epoch')}/{self.epochs}  {_scores(event, 'train_')}{self.scores}"
                    )
            elif event["event"] == "step" and self.terminal and event is events[-1]:
                self._bar(event)

    def _bar(self, event: Event) -> None:
        try:
            done = (event["epoch"] - 1 + event["batch"] / event["batches"]) / self.epochs
            text = (
                f"epoch {event['epoch']}/{self.epochs} {_cells(done)} loss {event['loss']:.4f}{self.scores}"
            )
        except (KeyError, TypeError, ZeroDivisionError):
            return
        passed = time.monotonic() - self.began
        left = f"  {passed / done - passed:.0f} s left" if done > 0 else ""
        whole = plain(text + left + self.scores)
        room = shutil.get_terminal_size().columns - 1  # a wrapped line could not be taken back
        self._overwrite(whole[:room])

    def _overwrite(self, text: str) -> None:
        sys.stderr.write("\r" + text.ljust(self.shown))
        sys.stderr.flush()
        self.shown = len(text)

    def line(self, text: str) -> None:
        """A line of its own, in front of the bar."""
        self.close()
        say(text)

    def close(self) -> None:
        """Takes the bar away."""
        if self.shown:
            self._overwrite(" " * self.shown)
            sys.stderr.write("\r")
            self.shown = 0


def _cells(share: float) -> str:
    full = round(WIDTH * min(1.0, max(0.0, share)))
    return f"{'█' * full}{'░' * (WIDTH - full)} {share:4.0%}"


def _scores(event: Event, part: str) -> str:
    """`  validation loss 0.1234  validation accuracy 0.9876`."""
    found = {
        name: value for name, value in event.items() if name.startswith(part) and isinstance(value, float)
    }
    return "".join(f"  {name.replace('_', ' ')} {value:.4f}" for name, value in found.items())


def metrics_text(result: Mapping[str, Any]) -> list[str]:
    """The final metrics, one line a part: `test        loss 0.0512  accuracy 0.9852`."""
    metrics = result.get("metrics", {})
    return [
        f"{part:10}  " + "  ".join(f"{name} {value:.4f}" for name, value in scores.items())
        for part, scores in metrics.items()
        if scores
    ]
