"""Undoing a max pooling: every maximum goes back to where it was found."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import ClassVar

from graph_ir.declare import layer, option, span
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Integer, Nothing, Span
from graph_ir.layers._pools import pool_stride
from graph_ir.layers._windows import require_windows
from graph_ir.recipes import Module, Variables
from graph_ir.requirements import at_least
from graph_ir.spec import Category, Layer

_SOURCE = "Zeiler et al., Visualizing and understanding convolutional networks, ECCV 2014"


def _output_size(rank: int) -> tuple[int, ...] | None:
    kind = Either(Nothing(), Span(rank, Integer(1)))
    help = "size of the result, less than one stride from what the formula gives; null: that"
    return option(kind, help, default=None, in_torch=False)  # type: ignore[no-any-return]  # a field


def _call(layer: _MaxUnpool, v: Variables) -> str:
    arguments = [v["x"], v["indices"]]
    arguments += [f"output_size={layer.output_size}"] if layer.output_size else []
    arguments += [f"output_size={v['like']}.shape[-{len(layer.axes)}:]"] if "like" in v else []
    return ", ".join(arguments)


class _MaxUnpool(Layer):
    """`axes` are the letters of the axes that grow."""

    axes: ClassVar[str]
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...] | None
    padding: tuple[int, ...]
    output_size: tuple[int, ...] | None

    @property
    def _steps(self) -> tuple[int, ...]:
        return self.stride or self.kernel_size

    def window(self, d: Scope) -> Mapping[str, tuple[int, Fraction]]:
        """One pooled entry, the same for all entries of its window."""
        return {letter: (1, Fraction(1, step)) for letter, step in zip(self.axes, self._steps, strict=True)}

    def limits(self, d: Scope) -> None:
        if d.wired("like"):
            self._look_at_like(d)
        d.mixes("x", range(2, 2 + len(self.axes)), "it puts values wherever `indices` says")

    def _look_at_like(self, d: Scope) -> None:
        if self.output_size:
            d.fail(
                "bad-value",
                "`output_size` and the wire on `like` both say how large the result is; take one away",
                field="output_size",
            )
        text = f"`like` is {d['like'].text}, but {len(self.axes)} axes are to be as large; wire another layer"
        d.require(len(d.run("*L")) >= len(self.axes), "rank", text, port="like")
        d.mixes("like", range(len(d.run("*L")))[-len(self.axes) :], "it takes the size")

    def sizes(self, d: Scope) -> Mapping[str, Dim]:
        values = zip(self.axes, self.kernel_size, self._steps, self.padding, strict=True)
        plain = [(getattr(d, letter) - 1) * step + k - 2 * pad for letter, k, step, pad in values]
        found = self._wanted(d) or tuple(plain)
        for size, default, step in zip(found, plain, self._steps, strict=True):
            text = (
                f"`x` is {d['x'].text}, which unpools to {default} entries of an axis, give or take less than {step}, "
                f"but {size} are asked for; set another `output_size` or wire what was pooled to `like`"
            )
            port = "like" if d.wired("like") else None
            for spare in (size - default + step, default + step - size):
                d.require(at_least(spare, 1), "bad-value", text, port=port, wanted=tuple(plain))
        require_windows(d, found)
        return {f"{letter}'": size for letter, size in zip(self.axes, found, strict=True)}

    def _wanted(self, d: Scope) -> tuple[Dim, ...] | None:
        return d.run("*L")[-len(self.axes) :] if d.wired("like") else self.output_size


@layer(Category.POOLING, source=f"torch.nn.MaxUnpool1d; {_SOURCE}", aliases=("MaxUnpooling1D",), common=False)
class MaxUnpool1d(_MaxUnpool):
    """Puts each maximum back where MaxPool1d found it, zeros elsewhere; `like` says the size, as `output_size` does.

    Formula: y[indices[t]] = x[t], T' = (T - 1)·stride - 2·padding + kernel_size
    """

    inputs = {"x": "N C T", "indices": "N C T : int64", "like?": "*L : any"}
    outputs = {"y": "N C T'"}
    axes = "T"
    kernel_size: tuple[int, ...] = span(1, "window length of the pooling (steps)", start=2)
    stride: tuple[int, ...] | None = option(pool_stride(1), "its step; null: the window", default=None)
    padding: tuple[int, ...] = span(1, "steps it added on each side", default=0, low=0)
    output_size: tuple[int, ...] | None = _output_size(1)
    torch = Module("nn.MaxUnpool1d", call=_call)


@layer(Category.POOLING, source=f"torch.nn.MaxUnpool2d; {_SOURCE}", aliases=("MaxUnpooling2D",), common=False)
class MaxUnpool2d(_MaxUnpool):
    """Puts each maximum back where MaxPool2d found it, zeros elsewhere; `like` says the size, as `output_size` does.

    Where stride does not divide the size, wire what was pooled to `like`: positions count along its rows.

    Formula: y[indices[h, w]] = x[h, w] (flat positions), H' = (H - 1)·stride - 2·padding + kernel_size
    """

    inputs = {"x": "N C H W", "indices": "N C H W : int64", "like?": "*L : any"}
    outputs = {"y": "N C H' W'"}
    axes = "HW"
    kernel_size: tuple[int, ...] = span(2, "window height, width of the pooling (pixels)", start=2)
    stride: tuple[int, ...] | None = option(pool_stride(2), "its step; null: the window", default=None)
    padding: tuple[int, ...] = span(2, "pixels it added on each side", default=0, low=0)
    output_size: tuple[int, ...] | None = _output_size(2)
    torch = Module("nn.MaxUnpool2d", call=_call)


@layer(Category.POOLING, source=f"torch.nn.MaxUnpool3d; {_SOURCE}", aliases=("MaxUnpooling3D",), common=False)
class MaxUnpool3d(_MaxUnpool):
    """Puts each maximum back where MaxPool3d found it, zeros elsewhere; `like` says the size, as `output_size` does.

    Where stride does not divide the size, wire what was pooled to `like`: positions count along its rows.

    Formula: y[indices[d, h, w]] = x[d, h, w] (flat positions), D' = (D - 1)·stride - 2·padding + kernel_size
    """

    inputs = {"x": "N C D H W", "indices": "N C D H W : int64", "like?": "*L : any"}
    outputs = {"y": "N C D' H' W'"}
    axes = "DHW"
    kernel_size: tuple[int, ...] = span(3, "window depth, height, width of the pooling (voxels)", start=2)
    stride: tuple[int, ...] | None = option(pool_stride(3), "its step; null: the window", default=None)
    padding: tuple[int, ...] = span(3, "voxels it added on each side", default=0, low=0)
    output_size: tuple[int, ...] | None = _output_size(3)
    torch = Module("nn.MaxUnpool3d", call=_call)
