"""What is known about one wire, in words: its axes by letter and name, its memory. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

from designer.canvas.words import short
from graph_ir.costs import BYTES, batch_symbols
from graph_ir.dims import Dim, substitute
from graph_ir.graph import Design, Wire
from graph_ir.report import Report
from graph_ir.signature import TensorType

NAMES = {
    "N": "batch",
    "C": "channels",
    "D": "depth",
    "H": "height",
    "W": "width",
    "T": "time steps",
    "L": "steps",
    "S": "target steps",
    "F": "features",
    "E": "features",
    "K": "keys",
    "V": "values",
}
BATCH_SIZE = 64  # what a training takes where the design says nothing
UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


@dataclass(frozen=True)
class Axis:
    """One axis: its letter (or empty), what that stands for, its size."""

    letter: str
    name: str
    size: str


@dataclass(frozen=True)
class WireFacts:
    """What a card says about a wire."""

    title: str
    axes: tuple[Axis, ...]
    dtype: str
    memory: tuple[str, ...]
    problem: str = ""


def wire_facts(design: Design, report: Report, wire: Wire, problem: str = "") -> WireFacts:
    """The facts about a wire of the network that `report` is about."""
    title = f"{short(wire.source, 40)}.{wire.source_port} → {short(wire.target, 40)}.{wire.target_port}"
    given = report.wire_type(wire)
    if given is None:
        return WireFacts(
            title, (), "", (), problem or "Its shape is not known until the layers before it fit."
        )
    axes = tuple(
        Axis(role, NAMES.get(role, "" if role else f"axis {place}"), _size(given, place))
        for place, role in enumerate(given.roles)
    )
    return WireFacts(title, axes, given.dtype, _memory(design, report, given), problem)


def _size(given: TensorType, place: int) -> str:
    """A size; of an axis that carries lengths, the most it may be."""
    carried = given.length(place) is not None
    return f"{'≤ ' if carried else ''}{given.shape[place]}"


def _memory(design: Design, report: Report, given: TensorType) -> tuple[str, ...]:
    symbols = batch_symbols(report) or {}
    batch = design.training.get("batch_size", BATCH_SIZE)
    words = [f"{_bytes(given, symbols)} for one sample"]
    if isinstance(batch, int) and not isinstance(batch, bool) and batch > 1 and symbols:
        words.append(f"{_bytes(given, dict.fromkeys(symbols, batch))} for a batch of {batch:,}")
    return tuple(words)


def _bytes(given: TensorType, symbols: dict[str, Any]) -> str:
    sizes: list[Dim] = [substitute(size, symbols) for size in given.shape]
    known = prod(size for size in sizes if isinstance(size, int)) * BYTES[given.dtype]
    open_ends = " · ".join(
        f"({size})" if " " in str(size) else str(size) for size in sizes if not isinstance(size, int)
    )
    return amount(known) + (f" · {open_ends}" if open_ends else "")


def amount(count: int) -> str:
    """So many bytes in words: `8 KiB`."""
    size, unit = float(count), 0
    while size >= 1024 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.0f} {UNITS[unit]}" if size == int(size) or size >= 100 else f"{size:.1f} {UNITS[unit]}"
