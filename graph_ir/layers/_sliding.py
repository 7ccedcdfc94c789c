"""What all layers have in common that slide learned (or fixed) filters over time or space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from graph_ir.declare import Weighted
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.kinds import Choice, Either, Integer, Span
from graph_ir.layers._windows import looks, reach, require_fit, windows
from graph_ir.requirements import at_least, divisible
from graph_ir.spec import Layer

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def paddings(rank: int) -> Either:
    """What torch takes for `padding`: numbers, 'valid' (none) or 'same' (as many as keep the size)."""
    return Either(Span(rank, Integer(0)), Choice(("valid", "same")))


class Sliding(Weighted):
    """A filter that slides; `axes` are the letters of the axes it slides over, the last ones of `x`."""

    axes: ClassVar[str]
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...] | str
    dilation: tuple[int, ...]
    padding_mode: str

    @property
    def _pads(self) -> tuple[int, ...]:
        return (0,) * len(self.kernel_size) if isinstance(self.padding, str) else self.padding

    @property
    def _most_pads(self) -> tuple[int, ...]:
        """How much is added at most on one side of each axis: 'same' adds the odd entry at the end."""
        if self.padding != "same":
            return self._pads
        return tuple(reach(k, step) // 2 for k, step in zip(self.kernel_size, self.dilation, strict=True))

    def tail(self) -> float | None:
        zeros = self.padding_mode == "zeros" and any(self._most_pads)
        return 0.0 if zeros else None

    def window(self, d: Scope) -> Mapping[str, tuple[int, int]]:
        return looks(self.axes, self.kernel_size, self.stride, self.dilation)

    def limits(self, d: Scope) -> None:
        if self.padding == "same" and any(step != 1 for step in self.stride):
            d.fail(
                "bad-value",
                "`padding` 'same' needs a stride of 1; set `stride` to 1 or give numbers",
                field="padding",
            )
        sizes = [getattr(d, letter) for letter in self.axes]
        self._require_padding_mode(d, sizes)
        if self.padding != "same":
            require_fit(d, sizes, self._pads, self.kernel_size, self.dilation)

    def _require_padding_mode(self, d: Scope, sizes: Sequence[Dim]) -> None:
        """Reflection needs more entries than it pads, circular padding at least as many; both, and repeated edges,
        would bring padded steps of a shorter sample into its valid ones.
        """
        if self.padding_mode == "zeros":
            return
        first = len(d["x"].shape) - len(sizes)
        padded = [axis for axis, pad in enumerate(self._most_pads, first) if pad]
        d.mixes("x", padded, f"its `padding_mode` {self.padding_mode!r} copies steps from the end")
        if self.padding_mode == "replicate":
            return
        for size, pad in zip(sizes, self._most_pads, strict=True):
            least = pad + 1 if self.padding_mode == "reflect" else pad
            text = (
                f"`x` is {d['x'].text}, but `padding_mode` {self.padding_mode!r} with {pad} on each side needs "
                f"at least {least} entries on every axis; lower `padding` or use 'zeros'"
            )
            d.require(at_least(size, least), "too-small", text, port="x")

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        if self.padding == "same":
            return {f"{letter}'": getattr(d, letter) for letter in self.axes}
        values = zip(self.axes, self.kernel_size, self.stride, self._pads, self.dilation, strict=True)
        return {f"{letter}'": windows(getattr(d, letter), *rest) for letter, *rest in values}


def require_groups(d: Scope, channels: Dim, out_channels: int, groups: int) -> None:
    """Both channel counts must be multiples of `groups`."""
    if groups == 1:
        return
    for what, size in (("the input", channels), ("`out_channels`", out_channels)):
        text = f"`groups` is {groups}, but {what} has {size} channels, no multiple of it; change one of them"
        d.require(divisible(size, groups), "bad-value", text, port="x", field="groups")


def arguments(layer: Layer, *names: str) -> list[str]:
    """These fields as keyword arguments, where they differ from their default: `["stride=2"]`."""
    values = {name: getattr(layer, name) for name in names}
    return [f"{n}={argument(v)}" for n, v in values.items() if v != layer.spec.fields[n].default]


def argument(value: Any) -> str:
    """A value of a field as Python source; one number stands for several equal ones, as in torch."""
    if isinstance(value, str):
        return f'"{value}"'
    alike = isinstance(value, tuple) and len(set(value)) == 1
    return repr(value[0] if alike else value)
