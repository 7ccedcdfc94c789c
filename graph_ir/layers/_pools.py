"""What pools with a window of a fixed size have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Integer, Nothing, Span
from graph_ir.layers._windows import looks, require_half_padding, require_windows, windows, windows_rounded_up
from graph_ir.requirements import at_least
from graph_ir.signature import FLOATS, TensorType
from graph_ir.spec import Layer


def pool_stride(rank: int) -> Either:
    return Either(Nothing(), Span(rank, Integer(1)))


class Pool(Layer):
    """What all pools with a window have in common; `axes` are the letters of the axes they slide over."""

    axes: ClassVar[str]
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...] | None
    ceil_mode: bool

    @property
    def _steps(self) -> tuple[int, ...]:
        return self.stride or self.kernel_size

    @property
    def _pads(self) -> tuple[int, ...]:
        return (0,) * len(self.kernel_size)

    @property
    def _dilation(self) -> tuple[int, ...]:
        return (1,) * len(self.kernel_size)

    def _axes_where(self, holds: list[bool]) -> list[int]:
        """The axes of `x` for which something holds, in the order of `axes`."""
        return [axis for axis, true in enumerate(holds, len(self.spec.inputs[0].tokens) - len(holds)) if true]

    @property
    def padded(self) -> list[int]:
        return self._axes_where([pad > 0 for pad in self._pads])

    @property
    def cut(self) -> list[int]:
        """The axes whose last window may reach beyond the end."""
        return self._axes_where([self.ceil_mode and step > 1 for step in self._steps])

    def window(self, d: Scope) -> Mapping[str, tuple[int, int]]:
        return looks(self.axes, self.kernel_size, self._steps, self._dilation)

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        formula = windows_rounded_up if self.ceil_mode else windows
        values = zip(self.axes, self.kernel_size, self._steps, self._pads, self._dilation, strict=True)
        found = {f"{letter}'": formula(getattr(d, letter), *rest) for letter, *rest in values}
        require_windows(d, list(found.values()))
        return found


class WithIndices(Layer):
    """A max pool that also says where it found each maximum, counted over all of an image or volume."""

    withheld: ClassVar[Mapping[str, str]] = {
        "indices": "it counts padding, too, so that it would depend on the longest sample of the batch; "
        "read another output, or give the samples one size"
    }

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        """Without `indices` where a row is as long as the longest sample of the batch makes it."""
        made = dict(super().result(d))
        if any(d["x"].length(axis) for axis in range(3, len(d["x"].shape))):
            del made["indices"]
        return made


class MaxPool(WithIndices, Pool):
    padding: tuple[int, ...]
    dilation: tuple[int, ...]

    @property
    def _pads(self) -> tuple[int, ...]:
        return self.padding

    @property
    def _dilation(self) -> tuple[int, ...]:
        return self.dilation

    def tail(self) -> float | None:
        """Less than anything, where a window may reach behind the last valid step."""
        return float("-inf") if self.padded or self.cut else None

    def limits(self, d: Scope) -> None:
        require_half_padding(d, self.padding, self.kernel_size)
        if self.tail() is not None and d["x"].dtype not in FLOATS:  # no int is less than any other
            d.mixes("x", range(1, len(d["x"].shape)), f"it pools {d['x'].dtype}")


class AvgPool(Pool):
    padding: tuple[int, ...]
    count_include_pad: bool
    divisor_override: int | None = None

    @property
    def _pads(self) -> tuple[int, ...]:
        return self.padding

    def tail(self) -> float | None:
        """Zeros, as torch pads, where a window may reach behind the last valid step."""
        return 0.0 if self.padded or self.cut else None

    def limits(self, d: Scope) -> None:
        require_half_padding(d, self.padding, self.kernel_size)
        if self.divisor_override:
            return
        d.mixes("x", self.cut, "it divides by the entries of a last window that `ceil_mode` cuts off,")
        if not self.count_include_pad:
            d.mixes("x", self.padded, "it counts the entries that are no padding")


def require_whole_kernel(d: Scope, sizes: tuple[Dim, ...], kernel: tuple[int, ...]) -> None:
    """In three dimensions torch's mean wants a whole window in the input itself, padding aside."""
    for size, extent in zip(sizes, kernel, strict=True):
        text = (
            f"`x` is {d['x'].text}, and a window of {extent} is more than the {size} entries of an axis; "
            "use a smaller kernel or fewer poolings before"
        )
        d.require(at_least(size, extent), "too-small", text, port="x")
