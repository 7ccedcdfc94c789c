"""Taking some entries along an axis: one, a range, the last valid one. `dim` counts the batch axis."""

from __future__ import annotations

from collections.abc import Mapping

from graph_ir.declare import count, layer, option
from graph_ir.dims import Dim, ceil_div, smallest
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Integer, Nothing
from graph_ir.layers._axes import keep_samples, moved
from graph_ir.recipes import Expr, Variables
from graph_ir.requirements import at_least
from graph_ir.signature import STEPS, TensorType
from graph_ir.spec import Category, Layer


@layer(Category.MERGE, source="torch.select", aliases=("Index",), common=False)
class Select(Layer):
    """Takes one entry along an axis, which disappears: `dim=1, index=-1` is the last step of a sequence."""

    inputs = {"x": "*S : any"}
    dim: int = option(Integer(), "axis to take from; counts the batch axis", start=1)
    index: int = option(Integer(), "which entry; -1 is the last", start=-1)
    torch = Expr(lambda layer, v: f"{v['x']}.select({layer.dim}, {layer.index})")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        axis = d.axis("x", self.dim)
        d.warn_if_batch("x", (axis,), "it selects")
        d.mixes("x", (axis,), "it takes a step that may be padding")
        needed = self.index + 1 if self.index >= 0 else -self.index
        text = f"`index` is {self.index}, but axis {axis} of {given.text} has {given.shape[axis]} entries; lower it"
        d.require(at_least(given.shape[axis], needed), "bad-index", text, field="index")
        kept = [i for i in range(len(given.shape)) if i != axis]
        return {"y": moved(d, "x", tuple(given.shape[i] for i in kept), kept)}


def _slice(layer: Slice, v: Variables) -> str:
    start = str(layer.start) if layer.start else ""
    stop = "" if layer.stop is None else str(layer.stop)
    step = f":{layer.step}" if layer.step != 1 else ""
    part = f"{start}:{stop}{step}"
    if layer.dim >= 0:
        return f"{v['x']}[{', '.join([*[':'] * layer.dim, part])}]"
    return f"{v['x']}[{', '.join(['...', part, *[':'] * (-1 - layer.dim)])}]"


@layer(
    Category.MERGE, source="torch.narrow; slicing of torch.Tensor", aliases=("Crop", "Narrow"), common=False
)
class Slice(Layer):
    """Takes every `step`-th entry from `start` up to (not including) `stop` along an axis, as Python slices.

    Negative places count from the end, and places beyond an end are that end: of T steps up to `stop` 5, min(T, 5)
    are left.
    """

    inputs = {"x": "*S : any"}
    dim: int = option(Integer(), "axis to slice; counts the batch axis", start=1)
    start: int = option(Integer(), "first place", default=0)
    stop: int | None = option(
        Either(Nothing(), Integer()), "the place behind the last; null: to the end", default=None, start=1
    )
    step: int = count("distance between the places", default=1)
    torch = Expr(_slice)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        axis = d.axis("x", self.dim)
        size = given.shape[axis]
        whole = (self.start, self.stop, self.step) == (0, None, 1)
        if not whole and axis == 0:
            keep_samples(d, "x", given, "it takes some samples of")
        if self.start < 0:
            d.mixes("x", (axis,), "it counts from the end, which may be padding,")
        length = self._known(d, axis, size) if isinstance(size, int) else self._open(size)
        text = f"nothing is left of axis {axis} of {given.text} from {self.start} to {self.stop}; move one of them"
        d.require(at_least(length, 1), "too-small", text, port="x", field="start")
        shape = (*given.shape[:axis], length, *given.shape[axis + 1 :])
        return {"y": d.rearranged("x", shape, range(len(shape)), rewrites={axis: self._steps})}

    def _known(self, d: Scope, axis: int, size: int) -> int:
        for name in ("start", "stop"):
            place = getattr(self, name)
            if place is not None and not -size <= place <= size:
                text = f"`{name}` is {place}, but axis {axis} of {d['x'].text} has {size} entries"
                d.warn("clamped", f"{text}, so that it means the end; choose a place within them", port="x")
        return len(range(*slice(self.start, self.stop, self.step).indices(size)))

    def _open(self, size: Dim) -> Dim:
        """As `_known`; below 1 where nothing is left."""
        first = self.start if self.start >= 0 else size - smallest(size, -self.start)
        return ceil_div(self._end(size) - first, self.step)

    def _end(self, size: Dim) -> Dim:
        if self.stop is None:
            return size
        return smallest(size, self.stop) if self.stop >= 0 else size + self.stop

    @property
    def _steps(self) -> tuple[Dim, int | None]:
        """What becomes of a length: the same, of each sample's own steps."""
        if self.stop is None or self.stop < 0:
            return ceil_div(STEPS + (self.stop or 0) - self.start, self.step), None
        return ceil_div(STEPS - self.start, self.step), max(0, -(-(self.stop - self.start) // self.step))


def _gather_last(layer: GatherLast, v: Variables) -> str:
    x = v["x"]
    steps = v["lengths"] if "lengths" in v else v.lengths("x", 1)
    if steps is None:
        return f"{x}[:, -1]"
    empty = f"{steps} < 1" if v.rank("x") == 2 else f"({steps} < 1)[:{', None' * (v.rank('x') - 2)}]"
    rows = f"torch.arange({x}.shape[0], device={x}.device)"
    return f"{x}[{rows}, {steps} - 1].masked_fill({empty}, 0)"


@layer(
    Category.MERGE,
    source="torch.gather; the last state of a packed sequence",
    aliases=("LastStep", "LastValid"),
    common=False,
)
class GatherLast(Layer):
    """Takes the last valid step of every sequence, by the lengths that are wired or that `x` carries.

    Without lengths it is the last step; a sequence of length 0 gives zeros.
    """

    inputs = {"x": "N T *S : any", "lengths?": "N : int"}
    outputs = {"y": "N *S"}
    consumes = True
    torch = Expr(_gather_last)
