"""`python -m tests.benchmarks [GROUP …]`: figures and goals. The groups are the keys of `GROUPS`.

What is printed is measured on this machine, under whatever else it does: read the ratio, not the seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.benchmarks import (
    canvas,
    checking,
    commands,
    generated,
    inspecting,
    jobs,
    layout,
    searching,
    window,
)


@dataclass(frozen=True)
class Goal:
    """A figure that must not be above (or, with `least`, below) a number."""

    number: float
    least: bool = False

    def ratio(self, measured: float) -> float:
        """Below 1 is better than the goal."""
        return self.number / measured if self.least else measured / self.number


GROUPS: dict[str, Callable[[], Iterator[tuple[str, float, str, float | None, bool]]]] = {
    "check": checking.figures,
    "commands": commands.figures,
    "layout": layout.figures,
    "window": window.figures,
    "inspector": inspecting.figures,
    "templates": jobs.templates,
    "demo": jobs.demo,
    "generated": generated.figures,
    "canvas": canvas.figures,
    "search": searching.figures,
}


def main(names: list[str]) -> None:
    """Prints a line a figure as soon as it is known."""
    print(f"{'figure':62} {'measured':>12} {'goal':>12} {'ratio':>7}")
    for name in names or GROUPS:
        for title, measured, unit, number, least in GROUPS[name]():
            goal, ratio = "", ""
            if number is not None:
                goal = f"{'≥' if least else '≤'} {number:g} {unit}"
                ratio = f"{Goal(number, least).ratio(measured):.2f}"
            print(f"{title:62} {f'{measured:.4g} {unit}':>12} {goal:>12} {ratio:>7}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
