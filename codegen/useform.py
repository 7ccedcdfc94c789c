"""How a use of a block stands in `forward`: one call, a loop over its repetitions, folded steps, lengths handed on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from graph_ir.blocks import Block
from graph_ir.report import LayerReport
from graph_ir.signature import Length


@dataclass(frozen=True)
class Call:
    """What is called (`self.layer1`, or `block` as the body of the loop `loop`), and the repetition it stands for.

    `takes` are the lengths (by their names inside) that its class reads, in order.
    """

    target: str
    index: int
    takes: tuple[str, ...] = ()
    loop: str = ""


@dataclass(frozen=True)
class UseForm:
    """The calls of a use; where it is `optional`, the module may be None."""

    calls: tuple[Call, ...]
    optional: bool = False


def use_of(entry: LayerReport) -> Block:
    """The layer of a use of a block."""
    assert isinstance(entry.layer, Block), "only a Block is a use"
    return entry.layer


def lengths_read(entry: LayerReport, form: UseForm) -> list[Length]:
    """The lengths outside that the calls hand on."""
    return [entry.nested[call.index].lengths[name] for call in form.calls for name in call.takes]


def length_arguments(
    entry: LayerReport, call: Call, given: Mapping[str, str], names: Mapping[Length, str]
) -> list[str]:
    """What one call is given for the lengths that its class reads."""
    axis, steps = use_of(entry).each, _steps(entry, given)
    found = []
    for name in call.takes:
        length = entry.nested[call.index].lengths[name]
        text, whole = names[length], name.partition(".")[0] in _whole(entry)
        if axis is not None and not whole:
            text += ".flatten()" if length.over > 1 else f".repeat_interleave({steps})"
        found.append(text)
    return found


def folded(entry: LayerReport, given: Mapping[str, str]) -> dict[str, str]:
    """What is given to the block at each port: with `each`, the steps as part of the batch."""
    axis, whole = use_of(entry).each, _whole(entry)
    if axis is None:
        return dict(given)
    move = "" if axis == 1 else f".movedim({axis}, 1)"
    return {port: text if port in whole else f"{text}{move}.flatten(0, 1)" for port, text in given.items()}


def unfolding(entry: LayerReport, given: Mapping[str, str]) -> Mapping[str, Callable[[str], str]]:
    """By output port: what makes steps of the batch again. Empty where nothing was folded."""
    axis = use_of(entry).each
    if axis is None:
        return {}
    first = _first_folded(entry, given)
    sizes = f"{first}.shape[:2]" if axis == 1 else f"({first}.shape[0], {_steps(entry, given)})"
    found: dict[str, Callable[[str], str]] = {}
    for port, made in entry.outputs.items():
        at = min(axis, len(made.shape) - 1)
        behind = f".unflatten(0, {sizes})" + (f".movedim(1, {at})" if at != 1 else "")
        found[port] = lambda text, behind=behind: f"{text}{behind}"  # type: ignore[misc]  # a default binds it now
    return found


def _first_folded(entry: LayerReport, given: Mapping[str, str]) -> str:
    whole = _whole(entry)
    return next(text for port, text in given.items() if port not in whole)


def _steps(entry: LayerReport, given: Mapping[str, str]) -> str:
    axis = use_of(entry).each
    return f"{_first_folded(entry, given)}.shape[{axis}]" if axis is not None else ""


def _whole(entry: LayerReport) -> frozenset[str]:
    use = use_of(entry)
    graph = use.use.blocks[use.block]
    return frozenset(node.id for node in graph if node.values.get("fold") is False)
