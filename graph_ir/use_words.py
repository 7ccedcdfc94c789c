"""What people call a layer where it is shown: `Conv2d`; a use of a block `Residual × 3, each step`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from graph_ir.block_graphs import WEIGHTS
from graph_ir.blocks import Nested
from graph_ir.expressions import Value
from graph_ir.graph import BLOCK, Node
from graph_ir.kinds import Json, is_expression
from graph_ir.report import LayerReport, Report


def block_of(node: Node) -> str:
    """The name of the block that a layer uses; "" for any other layer."""
    return str(node.values.get("block", "")) if node.type == BLOCK else ""


def type_words(entry: LayerReport, *, shares: bool = False, times: int | None = None) -> str:
    """A layer's type as pictures and tables name it, with what holds of all its repetitions.

    `shares`: others have the same weights (see `sharing`); `times`: of so many repetitions only.
    """
    bypassed = ["bypassed"] if entry.node.bypass else []
    return ", ".join([name_words(entry, times=times), *use_words(entry, shares=shares), *bypassed])


def name_words(entry: LayerReport, *, times: int | None = None) -> str:
    """A layer's type, or the block it uses and how often."""
    block = block_of(entry.node)
    if not block:
        return entry.node.type
    repeats = times_words(entry) if times is None else _counted(times)
    return f"{block} {repeats}" if repeats else block


def use_words(entry: LayerReport, *, shares: bool = False) -> list[str]:
    """What else holds of a layer: "each step", "left out", "shared"."""
    node = entry.node
    found = ["each step"] if node.type == BLOCK and node.values.get("each") is not None else []
    found += ["left out"] if entry.nested and all(one.report is None for one in entry.nested) else []
    return [*found, "shared"] if shares else found


def times_words(entry: LayerReport) -> str:
    """`× 3` where a block is repeated; what is left out does not count."""
    if entry.node.type != BLOCK:
        return ""
    if not entry.nested:  # something is wrong with it: what the file says is all that is known
        raw = entry.node.values.get("repeat", 1)
        return f"× {str(raw).removeprefix('=')[:40]}" if raw != 1 else ""
    return _counted(sum(one.report is not None for one in entry.nested))


def _counted(times: int) -> str:
    return f"× {times:,}" if times > 1 else ""


def sharing(report: Report) -> frozenset[str]:
    """The layers that have one set of weights with another layer of the network."""
    names = {id: entry.node.values.get(WEIGHTS) for id, entry in report.layers.items()}
    many = Counter(name for name in names.values() if isinstance(name, str))
    return frozenset(id for id, name in names.items() if isinstance(name, str) and many[name] > 1)


def parameter_words(entry: LayerReport) -> dict[str, str]:
    """The parameters that a use gives its block: their value where it is the same in every repetition."""
    given = entry.node.values.get("parameters") if entry.node.type == BLOCK else None
    found: dict[str, str] = {}
    for name, raw in given.items() if isinstance(given, Mapping) else ():
        values = [one.parameters[name] for one in entry.nested if name in one.parameters]
        same = bool(values) and all(value == values[0] for value in values)
        found[name] = str(values[0]) if same else _raw_words(raw)
    return found


def _raw_words(raw: Json) -> str:
    return raw[1:] if is_expression(raw) else str(raw)


@dataclass(frozen=True)
class Run:
    """Repetitions in a row in which everything is the same, the `first` to the `last`; `count` are not left out."""

    first: int
    last: int
    count: int
    parameters: Mapping[str, Value]
    report: Report


def runs(nested: Iterable[Nested]) -> list[Run]:
    """The repetitions of a use, equal ones together; those left out are in none."""
    found: list[Run] = []
    for one in nested:
        if one.report is None:
            continue
        if found and found[-1].report is one.report:
            found[-1] = replace(found[-1], last=one.index, count=found[-1].count + 1)
        else:
            found.append(Run(one.index, one.index, 1, one.parameters, one.report))
    return found
