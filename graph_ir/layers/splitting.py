"""Cutting a tensor into several along an axis. Each use has as many outputs, `y1`, `y2`, …, as it gives pieces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from graph_ir.declare import count, layer, option
from graph_ir.dims import Dim, ceil_div
from graph_ir.infer import Scope
from graph_ir.kinds import Integer, Integers, Json
from graph_ir.layers._axes import keep_samples
from graph_ir.recipes import Expr, Variables
from graph_ir.requirements import Answer, Requirement, at_least, equal
from graph_ir.signature import STEPS, TensorType
from graph_ir.spec import REGISTRY, Category, Layer

_MOST = 1000
"""Outputs that one layer may have."""


class _Pieces(Layer):
    """Several tensors that lie behind each other along `dim`."""

    inputs = {"x": "*S : any"}
    outputs = {"y1": "*S", "y2": "*S"}
    dim: int

    @classmethod
    def pieces(cls, values: Mapping[str, Json]) -> int | None:
        """How many there are by the raw values of a use; None where these don't say."""
        raise NotImplementedError

    @classmethod
    def declared_by(cls, values: Mapping[str, Json]) -> type[Layer]:
        """The type with an output for each piece; as it stands where their number can't be read."""
        pieces = cls.pieces(values)
        return _with_outputs(cls.spec.type, pieces) if pieces and 1 <= pieces <= _MOST else cls

    def cut(self, d: Scope, size: Dim) -> list[Dim]:
        """The size of each piece. Raises Misfit where there are not as many."""
        raise NotImplementedError

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        given = d["x"]
        axis = d.axis("x", self.dim)
        sizes = self.cut(d, given.shape[axis])
        if len(sizes) > 1:
            d.warn_if_batch("x", (axis,), "it cuts")
        if len(sizes) > 1 and axis == 0:
            keep_samples(d, "x", given, "it cuts the samples of")
        found: dict[str, TensorType] = {}
        start: Dim = 0
        for number, size in enumerate(sizes, 1):
            shape = (*given.shape[:axis], size, *given.shape[axis + 1 :])
            most = size if isinstance(size, int) else None
            rewrites = {axis: (STEPS - start, most)}
            found[f"y{number}"] = d.rearranged("x", shape, range(len(shape)), rewrites=rewrites)
            start = start + size
        return found


@lru_cache(maxsize=1024)
def _with_outputs(type_name: str, pieces: int) -> type[Layer]:
    """The layer type with the outputs `y1` … `y<pieces>`."""
    cls = REGISTRY[type_name]
    names = [f"y{number}" for number in range(1, pieces + 1)]
    recipe = cls.spec.recipe
    assert isinstance(recipe, Expr), "pieces are written by an expression"
    made: Any = type(type_name, (cls,), {"__doc__": cls.__doc__})
    ports = tuple(replace(cls.spec.outputs[0], name=name) for name in names)
    made.spec = replace(cls.spec, outputs=ports, recipe=replace(recipe, returns=", ".join(names)))
    return made  # type: ignore[no-any-return]  # a class made at runtime has no static type


def _first_alone(text: str, v: Variables) -> str:
    """Where only the first piece is read, the expression gives that alone."""
    return f"{text}[0]" if v.used <= {"y1"} else text


def _split(layer: Split, v: Variables) -> str:
    return _first_alone(f"{v['x']}.split({list(layer.sizes)}, dim={layer.dim})", v)


@layer(Category.MERGE, source="torch.split", common=False)
class Split(_Pieces):
    """Cuts a tensor along an axis into pieces of the given sizes, which are the outputs `y1`, `y2`, …"""

    sizes: tuple[int, ...] = option(  # type: ignore[assignment]  # the promised name; the rule of that name is not asked
        Integers(Integer(1)), "the size of each piece; together that of the axis", start=[16, 16]
    )
    dim: int = option(Integer(), "axis to cut; counts the batch axis", default=0, start=-1)
    torch = Expr(_split, returns="y1, y2")

    @classmethod
    def pieces(cls, values: Mapping[str, Json]) -> int | None:
        sizes = values.get("sizes")
        return len(sizes) if isinstance(sizes, list | tuple) else None

    def cut(self, d: Scope, size: Dim) -> list[Dim]:
        given, axis, total = d["x"], d.axis("x", self.dim), sum(self.sizes)
        if len(self.sizes) > _MOST:
            text = f"`sizes` has {len(self.sizes)} entries, but a layer has at most {_MOST} outputs; use Unflatten"
            d.fail("bad-value", text, field="sizes")
        text = (
            f"`sizes` is {list(self.sizes)}, together {total}, but axis {axis} of {given.text} has {size} entries; "
            "give sizes that add up to it"
        )
        wanted = (*given.shape[:axis], total, *given.shape[axis + 1 :])
        d.require(equal(size, total), "size-mismatch", text, port="x", field="sizes", wanted=wanted)
        return list(self.sizes)


def _chunk(layer: Chunk, v: Variables) -> str:
    return _first_alone(f"{v['x']}.chunk({layer.chunks}, dim={layer.dim})", v)


@layer(Category.MERGE, source="torch.chunk", common=False)
class Chunk(_Pieces):
    """Cuts a tensor along an axis into equal pieces (the last may be smaller), which are the outputs `y1`, `y2`, …

    Formula: each piece has ⌈size / chunks⌉ entries; sizes at which torch would give fewer pieces are refused
    """

    chunks: int = count("how many pieces", start=2)
    dim: int = option(Integer(), "axis to cut; counts the batch axis", default=0, start=-1)
    torch = Expr(_chunk, returns="y1, y2")

    @classmethod
    def pieces(cls, values: Mapping[str, Json]) -> int | None:
        chunks = values.get("chunks")
        return chunks if isinstance(chunks, int) and not isinstance(chunks, bool) else None

    def cut(self, d: Scope, size: Dim) -> list[Dim]:
        given, axis = d["x"], d.axis("x", self.dim)
        if self.chunks > 1:
            d.mixes("x", (axis,), "where it cuts depends on the padding: it cuts")
        if self.chunks > _MOST:
            text = f"`chunks` is {self.chunks}, but a layer has at most {_MOST} outputs; use Unflatten for so many"
            d.fail("bad-value", text, field="chunks")
        each = ceil_div(size, self.chunks)
        text = (
            f"`chunks` is {self.chunks}, but axis {axis} of {given.text} has {size} entries, and pieces of {each} are "
            "fewer than that; choose another number, or give the sizes to a Split"
        )
        d.require(self._enough(size, each), "too-small", text, port="x", field="chunks")
        return [*[each] * (self.chunks - 1), size - each * (self.chunks - 1)]

    def _enough(self, size: Dim, each: Dim) -> Answer:
        """Whether something is left for the last piece. From (chunks - 1)² on it always is."""
        left = size - each * (self.chunks - 1)
        if isinstance(left, int):
            return left >= 1
        if self.chunks <= 2:
            return at_least(size, self.chunks)
        return Requirement(left, ">=", 1)
