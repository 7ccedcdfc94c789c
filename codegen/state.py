"""Where the layers of a printed network stand: in its `state_dict`, and as `model.…`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from codegen import recipe
from codegen.classes import BlockClass, Classes
from graph_ir.report import LayerReport, Report

Path = tuple[str | int, ...]
"""Where a layer stands: the uses it lies in, each with the number of the repetition, then its id."""


@dataclass(frozen=True)
class Member:
    """A layer that is built: its key in the `state_dict` (`layer1.0.conv1`), and how it is read (`layer1[0].conv1`)."""

    path: Path
    key: str
    access: str
    entry: LayerReport


def members(
    report: Report, ids: Iterable[str], attributes: Mapping[str, str], classes: Classes
) -> Iterator[Member]:
    """Every layer that the printed code builds, also inside blocks; layers of one set of weights have one key."""
    for id in ids:
        entry = report.layers[id]
        if recipe.is_built(entry.layer) and id in attributes:
            yield from _members(entry, Member((id,), attributes[id], attributes[id], entry), classes)


def _members(entry: LayerReport, own: Member, classes: Classes) -> Iterator[Member]:
    if not entry.nested:
        yield own
        return
    for nested in entry.nested:
        if nested.report is None:
            continue
        made = classes.of[id(nested.report)]
        assert isinstance(made, BlockClass), "every use has a class"
        place = classes.place(entry, nested.index)
        key, access = (
            (own.key, own.access) if place is None else (f"{own.key}.{place}", f"{own.access}[{place}]")
        )
        for inner, name in made.keys.items():
            within = nested.report.layers[inner]
            if recipe.is_built(within.layer) or name.isdigit():
                reach = f"{access}[{name}]" if name.isdigit() else f"{access}.{name}"
                member = Member((*own.path, nested.index, inner), f"{key}.{name}", reach, within)
                yield from _members(within, member, classes)
