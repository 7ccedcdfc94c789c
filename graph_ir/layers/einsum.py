"""Sums of products, written as letters for axes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from graph_ir.declare import layer, option
from graph_ir.dims import Dim, product
from graph_ir.infer import Scope
from graph_ir.kinds import BadValue, Json, Text
from graph_ir.layers._axes import keep_samples
from graph_ir.layers.merge import common_length, promote
from graph_ir.layers.reductions import summed
from graph_ir.recipes import Expr
from graph_ir.requirements import equal
from graph_ir.signature import Length, TensorType
from graph_ir.spec import Category, Layer

_TERM = re.compile(r"([A-Za-z]*)(\.\.\.)?([A-Za-z]*)")
Labels = tuple[str, ...]
"""The letters of a tensor's axes; "." stands for the axes that dots cover."""


@lru_cache(maxsize=1024)
def _read(equation: str) -> tuple[tuple[Labels, ...], Labels]:
    """The labels of each input and of the output. Raises BadValue with what is wrong."""
    left, arrow, right = equation.partition("->")
    terms = tuple(_labels(term) for term in left.split(","))
    given = [label for term in terms for label in term]
    if not arrow:
        once = sorted(label for label in set(given) if label != "." and given.count(label) == 1)
        return terms, (("." in given) * (".",)) + tuple(once)
    out = _labels(right)
    unknown = [label for label in out if label not in given and label != "."]
    if unknown or len(set(out)) < len(out):
        wrong = unknown[0] if unknown else next(label for label in out if out.count(label) > 1)
        what = "of no input" if unknown else "twice"
        raise BadValue(f"has {wrong!r} {what} behind '->'; name there letters of the inputs, each once")
    return terms, out


def _labels(term: str) -> Labels:
    found = _TERM.fullmatch(term)
    if found is None:
        raise BadValue(f"has {term[:40]!r}, but must be {_EQUATION}")
    return (*found[1], *("." * bool(found[2])), *found[3])


_EQUATION = "letters for the axes of each input, joined by commas, then '->' and those of the result"


@dataclass(frozen=True)
class Equation(Text):
    """`bij,bjk->bik`: letters for axes, dots for any axes in front, as in torch.einsum; spaces don't count."""

    name = "equation"
    samples = (
        "bij,bjk->bik",
        "i,i->",
        "ij->ji",
        "ij,kj->ik",
        "...i,...i->...",
        "bi,ij,bj->b",
        "bi,bi,bi->b",
        "ii->i",
        "abc->",
        "ij,j",
    )

    def convert(self, raw: Json) -> str:
        text = super().convert(raw).replace(" ", "")
        _read(text)
        return text

    def describe(self) -> str:
        return f"{_EQUATION}, such as 'bij,bjk->bik'"


@dataclass(frozen=True)
class _Operand:
    """One tensor on the way: sizes by label (of size 1 where it does not have one), and its dtype."""

    sizes: Mapping[str, Dim]
    dtype: str

    def size(self, label: str) -> Dim:
        return self.sizes.get(label, 1)

    def without(self, labels: Sequence[str]) -> _Operand:
        """Once some axes are summed over."""
        if not labels:
            return self
        return _Operand({k: v for k, v in self.sizes.items() if k not in labels}, summed(self.dtype))


@layer(
    Category.MERGE,
    source="torch.einsum",
    aliases=("EinsumDense", "TensorDot", "TensorContraction"),
    common=False,
)
class Einsum(Layer):
    """Multiplies tensors along axes of the same letter and sums over letters that the result does not have.

    `bij,bjk->bik` is a matrix product for each sample. An axis of 1 stretches to the others of its letter; `...` stands
    for any axes. Inputs are multiplied from left to right.
    """

    inputs = {"x1 …": "*S : any"}
    equation: str = option(
        Equation(), "letters of each input's axes, '->', letters of the result", start="bij,bjk->bik"
    )
    torch = Expr(lambda layer, v: f'torch.einsum("{layer.equation}", {", ".join(v.many("x"))})')

    def limits(self, d: Scope) -> None:
        terms, _ = _read(self.equation)
        given = d.many("x")
        if len(terms) != len(given):
            text = (
                f"`equation` names {len(terms)} inputs, but {len(given)} are wired; make their numbers equal"
            )
            d.fail("bad-value", text, field="equation")
        for (port, type), term in zip(given, terms, strict=True):
            letters = len(term) - ("." in term)
            if len(type.shape) < letters or (len(type.shape) > letters and "." not in term):
                text = f"`{port}` is {type.text}, but `equation` gives it the axes {''.join(term)!r}; mend one of them"
                d.require(
                    False, "rank", text, port=port, wanted=tuple(label for label in term if label != ".")
                )

    def _axes(self, d: Scope) -> tuple[list[tuple[str, TensorType, Labels]], Labels]:
        """Every input with a label for each of its axes, and the labels of the result; dots are spelt out."""
        terms, out = _read(self.equation)
        given = d.many("x")
        most = max(
            len(t.shape) - len(term) + 1 if "." in term else 0
            for (_, t), term in zip(given, terms, strict=True)
        )
        spelt = []
        for (port, type), term in zip(given, terms, strict=True):
            covered = len(type.shape) - len(term) + 1
            spelt.append((port, type, _spelt(term, range(most - covered, most))))
        return spelt, _spelt(out, range(most))

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        operands, out = self._axes(d)
        sizes: dict[str, Dim] = {}
        roles: dict[str, str] = {}
        lengths: dict[str, tuple[str, Length]] = {}
        for port, given, labels in operands:
            for axis, label in enumerate(labels):
                self._agree(d, sizes, port, given, labels, axis)
                roles[label] = roles.get(label) or given.roles[axis]
                length = given.length(axis)
                if label not in out or labels.count(label) > 1:
                    d.mixes(port, (axis,), "it sums")
                elif length:
                    other, before = lengths.get(label, (port, length))
                    common_length(d, axis, (before, length), (other, port))
                    lengths[label] = other, before
            if labels[:1] != out[:1]:
                keep_samples(d, port, given, "it moves the batch axis of")
        shape = tuple(sizes.get(label, 1) for label in out)
        carried = tuple(lengths[label][1] if label in lengths else None for label in out)
        _, dtype = self._contracted(d)
        return {"y": TensorType(shape, dtype, tuple(roles.get(label, "") for label in out), carried)}

    def _agree(
        self, d: Scope, sizes: dict[str, Dim], port: str, given: TensorType, labels: Labels, axis: int
    ) -> None:
        """Sizes of one letter are equal, or 1; within one input they are equal."""
        label, size = labels[axis], given.shape[axis]
        first = labels.index(label)
        known = given.shape[first] if first != axis else sizes.get(label, 1)
        if size == 1 and first == axis:
            sizes.setdefault(label, 1)
            return
        if known == 1 and first == axis:
            sizes[label] = size
            return
        wanted = (*given.shape[:axis], known, *given.shape[axis + 1 :])
        what = "the dots" if label.startswith(".") else repr(label)
        text = (
            f"`{port}` is {given.text}, but {what} of `equation` is {known} elsewhere and {size} on axis {axis}; make "
            "them equal, or give the axes other letters"
        )
        d.require(equal(size, known), "size-mismatch", text, port=port, wanted=wanted)
        if isinstance(known, int):
            return
        sizes[label] = size if isinstance(size, int) else known

    def macs(self, d: Scope) -> Dim:
        return self._contracted(d)[0]

    def _contracted(self, d: Scope) -> tuple[Dim, str]:
        """Multiply-adds and dtype, input by input as torch goes: what can be summed early is."""
        operands, out = self._axes(d)
        waiting = [_Operand(dict(zip(labels, t.shape, strict=True)), t.dtype) for _, t, labels in operands]
        inner = list(
            dict.fromkeys(label for _, _, labels in operands for label in labels if label not in out)
        )
        counts = {label: sum(operand.size(label) != 1 for operand in waiting) for label in inner}
        macs: Dim = 0
        total, *others = waiting
        for other in others:
            total, more = self._pair(d, total, other, counts)
            macs = macs + more
        return macs, summed(total.dtype) if inner and not others else total.dtype

    def _pair(self, d: Scope, a: _Operand, b: _Operand, counts: dict[str, int]) -> tuple[_Operand, Dim]:
        both: list[str] = []
        alone: list[str] = []
        for label, count in counts.items():
            if a.size(label) != 1 and b.size(label) != 1:
                counts[label] = 0 if count == 2 else count - 1
                both += [label] if count == 2 else []
            elif count == 1 and (a.size(label), b.size(label)) != (1, 1):
                counts[label] = 0
                alone.append(label)
        a, b = (o.without([k for k in alone if o.size(k) != 1]) for o in (a, b))
        sizes = {k: b.size(k) if a.size(k) == 1 else a.size(k) for k in (*a.sizes, *b.sizes)}
        if not both:
            return _Operand(sizes, promote(a.dtype, b.dtype)), 0
        if a.dtype != b.dtype or a.dtype == "bool":
            text = (
                f"`equation` multiplies {a.dtype} by {b.dtype}, but torch wants one type; put a Cast in front"
            )
            d.fail("dtype", text, port="x2")
        kept = {k: size for k, size in sizes.items() if k not in both}
        return replace(a, sizes=kept), product(sizes.values())


def _spelt(term: Labels, dots: range) -> Labels:
    return tuple(new for label in term for new in ([f".{i}" for i in dots] if label == "." else [label]))
