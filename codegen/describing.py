"""Shapes in docstrings and comments of a block's class: in words that are true of every use of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from codegen.flow import Value
from codegen.instances import Instance
from codegen.spelled import expanded, substituted
from codegen.uses import Argument
from graph_ir.dims import Expr
from graph_ir.expressions import BadExpression, evaluate
from graph_ir.report import Report
from graph_ir.signature import TensorType


class Shapes:
    """Words for the shapes in `report`, which all `uses` have in common. `arguments` are those of the class."""

    def __init__(self, report: Report, uses: Sequence[Instance], arguments: Sequence[Argument]) -> None:
        self.report, self.uses = report, uses
        self.arguments = {one.key: one.name for one in arguments}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """How sizes are called: as the argument, else by the letter of their axis."""
        found = dict(self.arguments)
        use = self.uses[0]
        for (port, axis), key in use.axes.items():
            if key in found:
                continue
            letter = key.removeprefix("axis_")
            if letter == f"{port}_{axis}":
                letter = use.types[port].roles[axis] or f"D{axis}"
            number = sum(name.rstrip("0123456789") == letter for name in found.values())
            found[key] = f"{letter}{number + 1}" if number else letter
        for use in self.uses:
            found |= {f"given_{name}": name for name in use.parameters if f"given_{name}" not in found}
        return found

    def of(self, value: Value) -> str:
        """`(N, channels * 4, H', W')`; a size that no expression says for all uses is the letter with a mark."""
        given = self.report.layers[value[0]].outputs.get(value[1])
        if given is None:
            return ""
        inner = ", ".join(self._size(value, axis, given) for axis in range(len(given.shape)))
        return f"({inner},)" if len(given.shape) == 1 else f"({inner})"

    def _size(self, value: Value, axis: int, given: TensorType) -> str:
        words = expanded(str(given.shape[axis]))
        if not all(self._holds(words, value, axis, use) for use in self.uses):
            return f"{given.roles[axis] or f'D{axis}'}'"
        used = {key: name for key, name in self.names.items() if key in words}
        return words if words.isdigit() else substituted(words, used)

    def _holds(self, words: str, value: Value, axis: int, use: Instance) -> bool:
        made = use.report.layers[value[0]].outputs.get(value[1])
        if made is None:
            return True
        if axis >= len(made.shape):
            return False
        try:
            found: object = evaluate(words, use.known)
        except BadExpression:
            return False
        return isinstance(found, int | Expr) and bool(found == made.shape[axis])

    def changed(self, value: Value, before: Value | None) -> str:
        """The shape of a value, where it is not that of another."""
        text = self.of(value)
        return "" if text == "()" or (before is not None and self.of(before) == text) else text
