"""How much of the input one entry of a result depends on, along each axis of space and time.

For a layer that looks through a window: `entries' = entries + (reach - 1)·step` and `step' = step·stride`, where `step`
is the distance in the input between neighbouring results (Araujo, Norris and Sim, Computing receptive fields of
convolutional neural networks, Distill 2019). Where branches meet, the largest counts. What a layer does with an axis is
read from its declaration: its `window`, else what becomes of lengths along that axis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from graph_ir.dims import substitute
from graph_ir.infer import infer
from graph_ir.signature import STEPS, Length, Port, TensorType

if TYPE_CHECKING:
    from graph_ir.graph import Wire
    from graph_ir.report import LayerReport, Report

NO_POSITIONS = frozenset("CF")
"""Roles of axes that have no neighbours: channels and features."""
_TAG = Length("")
_LARGE = 5040
"""A length that strides divide, for seeing how a size grows with it."""

Origin = tuple[str, int]
"""An axis of an Input."""


@dataclass(frozen=True)
class View:
    """What one entry of a result sees along axis `axis` of the Input `input`: `entries` of it, or all (None).

    `step` is the distance between what neighbouring entries see; `words` is the calculation.
    """

    input: str
    axis: int
    role: str
    entries: int | None
    step: Fraction
    words: str


@dataclass(frozen=True)
class _Seen:
    """A view on its way, along `axis` of this tensor; of the whole axis (`entries` None) nothing else counts."""

    axis: int | None
    entries: Fraction | None = Fraction(1)
    step: Fraction = Fraction(1)
    words: str = "1"
    grid: tuple[Fraction, Fraction] = (Fraction(1), Fraction(1))
    """Behind a finer sampling: what was seen before it, and the step then. Results in between see whole steps of it."""

    @property
    def whole(self) -> int | None:
        """What is seen at most, in entries of the input."""
        if self.entries is None:
            return None
        before, step = self.grid
        return ceil(before + ceil((self.entries - before) / step) * step)

    def resampled(self, stride: Fraction | int) -> _Seen:
        """With results that are `stride` times as far apart."""
        step = self.step * stride
        coarsest = Fraction(stride).denominator > 1 and self.step >= self.grid[1]
        grid = (Fraction(self.whole or 1), self.step) if coarsest else self.grid
        return replace(self, step=step, grid=grid)


_WHOLE = _Seen(None, None, words="whole input")
_Views = Mapping[Origin, _Seen]


def receptive_fields(report: Report) -> dict[str, tuple[View, ...]]:
    """For each layer what an entry of its first output (of an Output: its input) sees of the data Inputs."""
    return views(report).layers


@dataclass(frozen=True)
class Views:
    """What each layer of a network sees; of a use of a block also what the layers inside see, repetition by repetition
    (None where one is left out).
    """

    layers: dict[str, tuple[View, ...]]
    inside: dict[str, tuple[Views | None, ...]]


def views(report: Report) -> Views:
    """What the layers of a network see, and those inside its blocks."""
    data = [id for id in report.layers if report.role_of(id) == "data" and report.layers[id].outputs]
    starts = {id: _start(id, report.layers[id].outputs["y"]) for id in data[:_MOST_INPUTS]}
    roles = {
        (id, axis): role for id in starts for axis, role in enumerate(report.layers[id].outputs["y"].roles)
    }
    return _told(_Walk(report, starts), roles)


def _told(walk: _Walk, roles: Mapping[Origin, str]) -> Views:
    layers = {
        id: tuple(_view(origin, roles[origin], seen) for origin, seen in walk.of(id).items())
        for id in walk.report.layers
    }
    inside = {
        id: tuple(_told(inner, roles) if inner is not None else None for inner in walks)
        for id, walks in walk.inside.items()
    }
    return Views(layers, inside)


def _view(origin: Origin, role: str, seen: _Seen) -> View:
    return View(*origin, role, seen.whole, seen.step, seen.words)


_MOST_INPUTS = 8
"""So many Inputs are followed: each costs a walk through the network."""


class _Walk:
    """Layer by layer through one network; what flows is a `_Seen` for each axis of an Input."""

    def __init__(self, report: Report, starts: Mapping[str, _Views]) -> None:
        self.report = report
        self.inside: dict[str, list[_Walk | None]] = {}
        self.found: dict[tuple[str, str], _Views] = {}
        self.into: dict[str, dict[str, Wire]] = {}
        for wire in report.flowing:
            self.into.setdefault(wire.target, {})[wire.target_port] = wire
        for id in report.order:
            entry = report.layers[id]
            if id in starts:
                self.found[id, "y"] = starts[id]
            elif entry.nested:
                self._into(id, entry)
            elif entry.inference is not None and entry.inputs:
                self._through(id, entry)

    def of(self, id: str) -> _Views:
        """What the first output of a layer sees, or where it has none, its first input."""
        outputs = self.report.layers[id].outputs
        if outputs:
            return self.found.get((id, next(iter(outputs))), {})
        return next(iter(self._coming(id).values()), {})

    def _coming(self, id: str) -> dict[str, _Views]:
        """The views on each wired port."""
        wires = self.into.get(id, {})
        return {
            port: self.found.get((wires[port].source, wires[port].source_port), {})
            for port in self.report.layers[id].inputs
            if port in wires
        }

    def _into(self, id: str, entry: LayerReport) -> None:
        """A use of a block: its repetitions one after the other. Folded steps see themselves alone."""
        fold = getattr(entry.layer, "each", None)
        coming = self._coming(id)
        around = {
            origin: seen
            for found in coming.values()
            for origin, seen in found.items()
            if fold is not None and seen.axis == fold
        }
        flow: dict[str, _Views] = {port: _shifted(found, fold, -1) for port, found in coming.items()}
        made: dict[str, _Views] = {}
        walks = self.inside[id] = []
        for nested in entry.nested:
            walk = _Walk(nested.report, flow) if nested.report is not None else None
            given = list(flow.values())
            made = {
                port: walk.of(port) if walk is not None else given[at]
                for at, port in enumerate(entry.outputs)
            }
            flow.update(zip(flow, made.values(), strict=False))
            walks.append(walk)
        for port, found in made.items():
            self.found[id, port] = {**_shifted(found, fold, 1), **around}

    def _through(self, id: str, entry: LayerReport) -> None:
        coming = self._coming(id)
        made: dict[str, dict[Origin, _Seen]] = {port: {} for port in entry.outputs}
        for origin in dict.fromkeys(origin for views in coming.values() for origin in views):
            views = {port: found[origin] for port, found in coming.items() if origin in found}
            for port, seen in _after(entry, views).items():
                made[port][origin] = seen
        self.found.update(((id, port), found) for port, found in made.items())


def _shifted(found: _Views, fold: int | None, by: int) -> _Views:
    """The views inside a fold (`by` -1), which has one axis less, or behind it."""
    if fold is None:
        return found
    moved: dict[Origin, _Seen] = {}
    for origin, seen in found.items():
        if by < 0 and seen.axis == fold:
            continue
        behind = seen.axis is not None and seen.axis >= fold
        moved[origin] = replace(seen, axis=seen.axis + by) if seen.axis is not None and behind else seen
    return moved


def _start(id: str, given: TensorType) -> dict[Origin, _Seen]:
    axes = [axis for axis, role in enumerate(given.roles) if axis and role not in NO_POSITIONS]
    return {(id, axis): _Seen(axis) for axis in axes}


def _after(entry: LayerReport, views: Mapping[str, _Seen]) -> dict[str, _Seen]:
    """What each output sees of one axis of an Input, where these inputs see it so."""
    if any(seen.entries is None for seen in views.values()):
        return dict.fromkeys(entry.outputs, _WHOLE)
    largest = max(views.values(), key=lambda seen: (seen.whole or 0, seen.step))
    return _through_windows(entry, views, largest) or _carried(entry, views, largest)


def _through_windows(
    entry: LayerReport, views: Mapping[str, _Seen], largest: _Seen
) -> dict[str, _Seen] | None:
    """What is seen through the windows that a layer declares for this axis; None where it declares none."""
    layer, inference = entry.layer, entry.inference
    assert layer is not None and inference is not None and inference.scope is not None, "it fits"
    windows = layer.window(inference.scope)
    named = {_in_windows(entry, port, seen.axis, windows) for port, seen in views.items()}
    axes = [at for at in named if at is not None]
    if len(named) != 1 or not axes:
        return None
    at = axes[0]
    wider = _widened(largest, *windows[at])
    places = {
        port.name: _position(port, len(entry.outputs[port.name].shape), at)
        for port in layer.spec.outputs
        if port.name in entry.outputs
    }
    return {name: _WHOLE if axis is None else replace(wider, axis=axis) for name, axis in places.items()}


def _widened(seen: _Seen, reach: int, stride: Fraction | int) -> _Seen:
    assert seen.entries is not None, "a whole axis was told apart before"
    wider = replace(seen, entries=seen.entries + (reach - 1) * seen.step)
    added = (
        f"{seen.entries} + ({reach} - 1)·{seen.step} = {wider.entries}" if reach > 1 else f"{wider.entries}"
    )
    words = added if wider.whole == wider.entries else f"{added}, at most {wider.whole}"
    return replace(wider, words=words).resampled(stride)


def _in_windows(
    entry: LayerReport, port: str, axis: int | None, windows: Mapping[str | int, object]
) -> str | int | None:
    """How the layer's windows call an axis of a port: by its letter or number; None where it is none of theirs."""
    assert entry.layer is not None and axis is not None, "a whole axis was told apart before"
    declared, given = entry.layer.spec.input(port), entry.inputs[port]
    assert declared is not None and given is not None, "what fits has its ports"
    letter = _letters(declared, len(given.shape))[axis]
    return next((name for name in (letter, axis) if name in windows), None)


def _letters(port: Port, rank: int) -> list[str]:
    """The letter of the signature that stands for each axis, without marks; "" within a run."""
    words = [token.text.rstrip("'") for token in port.tokens]
    runs = [i for i, token in enumerate(port.tokens) if token.is_run]
    if runs:
        words[runs[0] : runs[0] + 1] = [""] * (rank - len(words) + 1)
    return words


def _position(port: Port, rank: int, at: str | int) -> int | None:
    words = _letters(port, rank)
    if isinstance(at, int):
        return at if at < rank else None
    return words.index(at) if at in words else None


def _carried(entry: LayerReport, views: Mapping[str, _Seen], largest: _Seen) -> dict[str, _Seen]:
    """What is seen where lengths of this axis would go on; all of it where they could not."""
    layer = entry.layer
    assert layer is not None, "it fits"
    tagged = {port: seen.axis for port, seen in views.items()}
    given = ((port, type) for port, type in entry.inputs.items() if type is not None)
    found = infer(layer, tuple((port, _tagged(type, tagged.get(port))) for port, type in given))
    if found.error is not None or layer.consumes:
        return dict.fromkeys(entry.outputs, _WHOLE)
    before = {type.shape[axis] for port, axis in tagged.items() if (type := entry.inputs[port]) and axis}
    made: dict[str, _Seen] = {}
    for port, type in found.outputs.items():
        axis = next((axis for axis in range(len(type.shape)) if type.length(axis)), None)
        length = None if axis is None else type.length(axis)
        growth = _growth(length) if length else Fraction(0)
        if axis is not None and not growth and type.shape[axis] in before:
            growth = Fraction(1)  # a fixed size that is already there: nothing was put together
        made[port] = replace(largest, axis=axis).resampled(1 / growth) if growth else _WHOLE
    return made


def _tagged(given: TensorType, axis: int | None) -> TensorType:
    tags = tuple(_TAG if i == axis else None for i in range(len(given.shape)))
    return replace(given, lengths=tags)


def _growth(length: Length) -> Fraction:
    """By how much an axis grows with its length; 0 where it does not."""
    growth = Fraction(1)
    for rewrite in length.rewrites:
        low, high = (substitute(rewrite.size, {str(STEPS): steps * _LARGE}) for steps in (1, 2))
        rise = high - low
        growth *= Fraction(rise, _LARGE) if isinstance(rise, int) else 0
    return growth
