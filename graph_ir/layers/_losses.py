"""What losses share: how entries become one number, how fields are printed, and how padded steps are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph_ir.declare import choice, option
from graph_ir.dims import Dim, symbol, to_json
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Json, Nothing, Numbers
from graph_ir.recipes import Variables
from graph_ir.requirements import equal
from graph_ir.signature import TensorType
from graph_ir.spec import Layer

Companions = Mapping[str, Mapping[str, Json]]
Axes = Mapping[str, Sequence[int]]
"""By input port: its axes that are walked through together with those of the other ports, one result each."""


def reduction() -> Any:
    """The field that says how a loss becomes one number."""
    return choice(
        ("mean", "sum", "none"), "how the entries become one number; 'none' keeps them", default="mean"
    )


def numbers(help: str) -> Any:
    """A field with one number for each class, or none."""
    return option(Either(Nothing(), Numbers()), f"{help}; null: all count the same", default=None)


def target_input(shape: Sequence[Dim], dtype: str) -> dict[str, Json]:
    """The values of the Input that brings a target."""
    return {"shape": [to_json(dim) for dim in shape], "dtype": dtype, "role": "target"}


def companion(given: TensorType | None, dtype: str = "", less: int = 0) -> Companions:
    """A target as large as the first input, without its last `less` axes."""
    unknown: tuple[tuple[Dim, ...], str] = ((symbol("N"), *[1] * (1 - less)), "float32")
    shape, own = (given.shape, given.dtype) if given else unknown
    return {"target": target_input(shape[: len(shape) - less], dtype or own)}


def keywords(layer: Layer, like: str, **instead: str) -> list[str]:
    """The fields that differ from their default (or from `instead`) as arguments; lists become tensors as `like`."""
    values = {name: getattr(layer, name) for name in layer.spec.fields} | instead
    fields = layer.spec.fields
    return [f"{n}={_source(value, like)}" for n, value in values.items() if value != fields[n].default]


def _source(value: object, like: str) -> str:
    if isinstance(value, tuple):
        return f"{like}.new_tensor({list(value)})"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def require_same_shape(d: Scope, wanted: Sequence[Dim], port: str = "target", first: str = "input") -> None:
    """Raises Misfit unless `port` has this shape."""
    given, expected = d[port], tuple(wanted)
    text = f"`{port}` is {given.text}, but `{first}` is {d[first].text}, so that {TensorType(expected).text} is wanted"
    text += "; wire a tensor of that shape"
    d.require(len(given.shape) == len(expected), "target-shape", text, port=port, wanted=expected)
    for size, other in zip(given.shape, expected, strict=True):
        d.require(equal(size, other), "target-shape", text, port=port, wanted=expected)


def compared(d: Scope, axes: Axes, shape: Sequence[Dim], dtype: str, *, kept: bool) -> TensorType:
    """The type of a loss: one number, or with `kept` one for each place in `shape`, which keeps roles and lengths.

    Raises Misfit where steps can't be left out since sizes are stretched along an axis that carries lengths.
    """
    places = range(len(shape))
    carriers = [port for port in axes if any(d[port].lengths)]
    for port in axes if carriers else ():
        sizes = [d[port].shape[axis] for axis in axes[port] if axis < len(d[port].shape)]
        text = (
            f"`{port}` is {d[port].text}, but `{carriers[0]}` is {d[carriers[0]].text} and carries lengths, so that "
            "every step needs a partner; wire tensors of one shape"
        )
        d.require(len(sizes) == len(shape), "target-shape", text, port=port)
        for size, wanted in zip(sizes, shape, strict=True):
            d.require(equal(size, wanted), "target-shape", text, port=port)
    if not kept:
        return TensorType((), dtype)
    first = next(iter(axes))
    roles = [d[first].roles[axis] for axis in axes[first] if axis < len(d[first].roles)]
    found = [
        next((d[p].length(axes[p][i]) for p in carriers if d[p].length(axes[p][i])), None) for i in places
    ]
    return TensorType(tuple(shape), dtype, tuple(roles), tuple(found))


@dataclass(frozen=True)
class Padding:
    """Which steps count in a padded batch, as source: for each place its masks (N, steps) by the lengths they show."""

    v: Variables
    axes: Axes
    masks: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    def taken(self, port: str) -> str:
        """The entries of a port that count: (number of valid steps, other axes …)."""
        axes = [self.axes[port][place] for place in self.masks]
        front = list(range(1, len(axes) + 1))
        moved = f".movedim({tuple(axes)}, {tuple(front)})" if len(axes) > 1 else f".movedim({axes[0]}, 1)"
        return f"{self.v[port]}{'' if axes == front else moved}[{self._mask(front, len(axes) + 1)}]"

    def counted(self, text: str) -> str:
        """The entries of `text`, a tensor with one axis for each place, that count, in a row."""
        mask = self._mask([*self.masks], max(map(len, self.axes.values())))
        return f"torch.masked_select({text}, {mask})"

    def emptied(self, text: str, value: object = 0.0, port: str = "") -> str:
        """`text`, a tensor with one axis for each place (or those of `port`), with `value` where a step is padding."""
        axes = [self.axes[port][place] if port else place for place in self.masks]
        rank = self.v.rank(port) if port else max(map(len, self.axes.values()))
        return f"torch.masked_fill({text}, ~{self._mask(axes, rank)}, {value})"

    def reduced(self, text: str) -> str:
        """`text`, the mean over what counts; 0 where nothing does, since a mean of nothing is not a number."""
        lengths = " * ".join(name for masks in self.masks.values() for name in masks)
        some = f"({lengths}).any()" if " * " in lengths else f"{lengths}.any()"
        return f"torch.where({some}, {text}, 0.0)"

    def _mask(self, axes: Sequence[int], rank: int) -> str:
        """All masks in one, which broadcasts against a tensor of `rank` axes; `axes` are theirs in it."""
        parts = []
        for masks, axis in zip(self.masks.values(), axes, strict=True):
            index = [":", *["None"] * (axis - 1), ":", *["None"] * (rank - 1 - axis)]
            suffix = f"[{', '.join(index)}]" if "None" in index else ""
            parts += [f"{mask}{suffix}" for mask in masks.values()]
        return f"({' & '.join(parts)})" if len(parts) > 1 else parts[0]


def padding(v: Variables, axes: Axes) -> Padding | None:
    """The padding that these ports carry, or None where every step counts."""
    masks: dict[int, dict[str, str]] = {}
    for port, own in axes.items():
        for place, axis in enumerate(own):
            lengths, mask = v.lengths(port, axis), v.valid(port, axis)
            if lengths and mask:
                masks.setdefault(place, {}).setdefault(lengths, mask)
    return Padding(v, axes, dict(sorted(masks.items()))) if masks else None
