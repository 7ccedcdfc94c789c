"""The boundary of a network: what comes in and what goes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from graph_ir.declare import choice, flag, layer, option
from graph_ir.dims import Dim
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Integer, Nothing, Reference, Sizes, Text
from graph_ir.recipes import Absent
from graph_ir.requirements import equal
from graph_ir.signature import DTYPES, TensorType, default_roles, shape_text
from graph_ir.spec import Category, Layer


@layer(Category.INPUT, aliases=("InputLayer", "placeholder"), trait="input")
class Input(Layer):
    """Brings a tensor into the network: data, a target, or the lengths of another Input."""

    inputs: ClassVar[Mapping[str, str]] = {}
    outputs = {"y": "*S"}
    shape: tuple[Dim, ...] | None = option(
        Either(Nothing(), Sizes()),
        "sizes of all axes, the batch first; a name such as 'T' is a size that may vary",
        default=None,
        start=["N", 1, 28, 28],
    )
    dtype: str = choice(DTYPES, "type of its numbers (of lengths: int64)", default="float32")
    axes: str | None = option(
        Either(Nothing(), Text(60)),
        "the role of each axis, such as 'N C H W'; null: by convention",
        default=None,
    )
    role: str = choice(
        ("data", "target", "lengths", "noise"),
        "what it is for: `target` is what a loss compares with",
        default="data",
    )
    of: str | None = option(
        Either(Nothing(), Reference()), "for lengths: the Input whose lengths they are", default=None
    )
    axis: int | None = option(
        Either(Nothing(), Integer(1)), "for lengths: the axis of that Input they belong to", default=None
    )
    fold: bool = flag("inside a block: whether `each` folds its steps into the batch", default=True)
    torch = Absent()

    def limits(self, d: Scope) -> None:
        if self.role == "lengths":
            self._limits_of_lengths(d)
        elif self.shape is None:
            d.fail(
                "missing-field", "`shape` is missing; give the sizes, such as ['N', 3, 32, 32]", field="shape"
            )
        elif self.axes is not None and len(self.axes.split()) != len(self.shape):
            text = f"`axes` names {len(self.axes.split())} axes, but `shape` has {len(self.shape)}; give each a letter"
            d.fail("bad-value", text, field="axes")

    def _limits_of_lengths(self, d: Scope) -> None:
        if self.of is None or self.axis is None:
            field = "of" if self.of is None else "axis"
            d.fail(
                "missing-field", f"`{field}` is missing; lengths belong to an axis of an Input", field=field
            )
        if d.referred is None:
            d.fail(
                "bad-reference",
                f"`of` names {self.of!r}, which is no Input with a shape; name one",
                field="of",
            )
        if self.axis >= len(d.referred.shape):
            text = f"`axis` is {self.axis}, but {self.of!r} has the shape {d.referred.text}; choose one of its axes"
            d.fail("bad-axis", text, field="axis")
        if self.shape is not None:
            self._limits_of_length_shape(d, d.referred, self.axis)

    def _limits_of_length_shape(self, d: Scope, referred: TensorType, axis: int) -> None:
        """There is a length for every entry of the first axes, as many as the shape has; these lie before `axis`."""
        shape = self.shape or ()
        leading = referred.shape[: len(shape)]
        if not 1 <= len(shape) <= axis or len(leading) < len(shape):
            text = f"`shape` has {len(shape)} axes, but lengths along axis {axis} have 1 to {axis} axes before it"
            d.fail("bad-value", f"{text}; leave it out for one length a sample", field="shape")
        for got, wanted in zip(shape, leading, strict=True):
            text = f"`shape` is {shape_text(shape)}, but {self.of!r} begins with {shape_text(leading)}; make them equal"
            d.require(equal(got, wanted), "size-mismatch", text, field="shape")

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        if self.role == "lengths" and d.referred is not None:
            over = len(self.shape or "N")
            return {"y": TensorType(d.referred.shape[:over], "int64", d.referred.roles[:over])}
        shape = self.shape or ()
        roles = tuple(self.axes.split()) if self.axes else default_roles(shape, self.dtype)
        return {"y": TensorType(shape, self.dtype, roles)}


@layer(Category.INPUT, trait="output")
class Output(Layer):
    """Marks a tensor as a result of the network."""

    inputs = {"x": "*S : any"}
    outputs: ClassVar[Mapping[str, str]] = {}
    torch = Absent()
