"""Resizing by a factor or to a size: exact, as torch rounds, also where sizes are symbols."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import ceil

from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.layers._windows import require_windows, share
from graph_ir.signature import STEPS, TensorType
from graph_ir.spec import Layer

_NEAREST = ("nearest", "nearest-exact")
_SMOOTH = {"linear": 3, "bilinear": 4, "bicubic": 4, "trilinear": 5}
"""The modes that look at neighbours, with the number of axes that they take."""
_NEIGHBOURS = {"linear": 2, "bilinear": 2, "bicubic": 4, "trilinear": 2}
"""How many entries of an axis one result is a mean of."""
MODES = ("nearest", "linear", "bilinear", "bicubic", "trilinear", "area", "nearest-exact")

_LARGEST = 1 << 12
"""Above this numerator or denominator a factor is not taken to be meant as a fraction."""


def fraction(factor: float) -> tuple[int, int] | None:
    """The factor as a fraction with which sizes can be multiplied exactly, as 1.5 is 3/2; None for 0.1, say.

    A float is always a fraction with a power of two below. Where that is small, torch's product of size and factor is
    exact for every size below 2^41.
    """
    above, below = factor.as_integer_ratio()
    return (above, below) if max(above, below) <= _LARGEST else None


def scaled(d: Scope, size: Dim, factor: float, field: str) -> Dim:
    """`⌊size · factor⌋`. Raises Misfit where the size is not known and the factor no small fraction."""
    if isinstance(size, int):
        return int(size * factor)
    exact = fraction(factor)
    if exact is None:
        text = (
            f"`{field}` is {factor:g}, and how {size} times that is rounded is only known for numbers; "
            f"give the Input a number for this axis, or use a factor such as 2, 1.5 or 0.5"
        )
        d.fail("size-unknown", text, port="x", field=field)
    return size * exact[0] // exact[1]


class Resize(Layer):
    """Upsample and Interpolate: another size of every axis behind batch and channels."""

    size: int | tuple[int, ...] | None
    scale_factor: float | tuple[float, ...] | None
    mode: str
    align_corners: bool | None

    def limits(self, d: Scope) -> None:
        self._require_one_size(d)
        self._require_mode(d)
        if self.align_corners is not None and self.mode not in _SMOOTH:
            text = f"`align_corners` means nothing to the mode {self.mode!r}; leave it out, or use {list(_SMOOTH)}"
            d.fail("bad-value", text, field="align_corners")
        d.mixes("x", self._mixed(d), "it interpolates")

    def _require_one_size(self, d: Scope) -> None:
        names = [name for name in ("size", "scale_factor") if getattr(self, name) is not None]
        names += ["like"] if d.wired("like") else []
        if len(names) != 1:
            ways = "`size` or `scale_factor`"
            ways += ", or wire `like`" if self.spec.input("like") else ""
            d.fail(
                "bad-value",
                f"the size of the result is said {len(names)} times; give one of {ways}",
                field="size",
            )

    def _require_mode(self, d: Scope) -> None:
        given = d["x"]
        rank = len(given.shape)
        if rank > 5:
            d.fail(
                "rank", f"`x` takes 3 to 5 axes, but gets {given.text}; add a Flatten or Reshape", port="x"
            )
        axes = _SMOOTH.get(self.mode, rank)
        good = [mode for mode in MODES if _SMOOTH.get(mode, rank) == rank]
        text = f"`mode` {self.mode!r} takes {axes} axes, but `x` is {given.text}; use one of {good}"
        d.require(axes == rank, "bad-value", text, port="x", field="mode", wanted=_with_axes(given, axes))

    def _factors(self, d: Scope) -> tuple[float, ...]:
        """One factor for each axis; none where the size is said otherwise."""
        factor, axes = self.scale_factor, len(d["x"].shape) - 2
        if factor is None or isinstance(factor, tuple):
            return factor or ()
        return (factor,) * axes

    def _mixed(self, d: Scope) -> list[int]:
        """The axes along which a result depends on steps that may be padding, or its length can't be told."""
        axes = range(2, len(d["x"].shape))
        factors = self._factors(d)
        if len(factors) != len(axes):
            return list(axes)
        told = [factor == 1 or (self.mode in _NEAREST and fraction(factor) is not None) for factor in factors]
        return [axis for axis, well in zip(axes, told, strict=True) if not well]

    def window(self, d: Scope) -> Mapping[int, tuple[int, Fraction]]:
        """Neighbours in the input; with `antialias` as many as fall together."""
        factors = [fraction(factor) for factor in self._factors(d)]
        found: dict[int, tuple[int, Fraction]] = {}
        for axis, (size, made) in enumerate(zip(d["x"].shape[2:], d.out["y"].shape[2:], strict=True), 2):
            exact = factors[axis - 2] if factors else None
            if isinstance(size, int) and isinstance(made, int):
                step = Fraction(size, made)
            elif exact is not None:
                step = Fraction(exact[1], exact[0])
            else:
                continue
            shared = share(size, made) if self.mode == "area" else None
            reach = shared[0] if shared else _NEIGHBOURS.get(self.mode, 1)
            wider = getattr(self, "antialias", False) and step > 1
            found[axis] = (ceil(reach * step) + 1 if wider else reach, step)
        return found

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        sizes = self._resized(d)
        require_windows(d, sizes)
        shape = (d.N, d.C, *sizes)
        exact = [fraction(factor) for factor in self._factors(d)]
        rewrites = {axis: (STEPS * f[0] // f[1], None) for axis, f in enumerate(exact, 2) if f}
        return {"y": d.rearranged("x", shape, range(len(shape)), rewrites=rewrites)}

    def _resized(self, d: Scope) -> tuple[Dim, ...]:
        given = (d.A, *d.run("*S"))
        if d.wired("like"):
            like = d.run("*L")
            text = f"`like` is {d['like'].text}, but {len(given)} axes are to be as large; wire another layer"
            d.require(len(like) >= len(given), "rank", text, port="like", wanted=d["x"].shape)
            d.mixes("like", range(len(like))[-len(given) :], "it takes the size")
            return like[-len(given) :]
        if isinstance(self.size, int):
            return (self.size,) * len(given)
        self._require_entries(d, "size", self.size, len(given))
        factors = self._factors(d)
        if self.size is not None:
            return self.size
        self._require_entries(d, "scale_factor", factors, len(given))
        return tuple(scaled(d, *pair, "scale_factor") for pair in zip(given, factors, strict=True))

    def _require_entries(self, d: Scope, name: str, entries: tuple[float, ...] | None, axes: int) -> None:
        count = axes if entries is None else len(entries)
        text = f"`{name}` has {count} entries, but `x` is {d['x'].text}; give one for each axis behind C"
        wanted = _with_axes(d["x"], 2 + count) if 0 < count < 4 else None
        d.require(count == axes, "bad-value", text, port="x", field=name, wanted=wanted)


def _with_axes(given: TensorType, rank: int) -> tuple[Dim, ...]:
    """The shape with as many axes as are wanted, the last one repeated or left out."""
    return (given.shape + given.shape[-1:] * rank)[:rank]
