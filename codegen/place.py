"""Where a recipe is printed: the variables on a layer's wires, and how sizes are read off tensors."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from codegen.support import VALID
from codegen.syntax import parse_expression
from graph_ir.dims import Dim
from graph_ir.recipes import Variables
from graph_ir.signature import TensorType
from graph_ir.spec import Spec, variadic_index


class SizeOutOfReach(Exception):
    """A size has to be printed that depends on a symbol which no tensor in reach has; `args[0]` is the symbol."""


@dataclass(frozen=True)
class Place(Variables):
    """One use of a layer in printed code: `variables` are sources by input port, wired ports only.

    `symbols` says how each symbol is read (`image.shape[2]`), `carried` which variable holds the valid lengths of
    (port, axis).
    """

    spec: Spec
    variables: Mapping[str, str]
    types: Mapping[str, TensorType]
    used: frozenset[str] = frozenset()
    symbols: Mapping[str, str] = field(default_factory=dict)
    carried: Mapping[tuple[str, int], str] = field(default_factory=dict)

    def __getitem__(self, port: str) -> str:
        return self.variables[port]

    def __contains__(self, port: str) -> bool:
        return port in self.variables

    def many(self, port: str) -> list[str]:
        declared = next(p for p in self.spec.inputs if p.name == port)
        numbered = {variadic_index(declared, name): text for name, text in self.variables.items()}
        return [numbered[i] for i in sorted(numbered) if i]

    def rank(self, port: str) -> int:
        return len(self.types[port].shape)

    def size(self, dim: Dim) -> str:
        """Formatted Python. Raises SizeOutOfReach where no tensor in reach has one of its symbols."""
        return size_text(dim, self.symbols)

    def lengths(self, port: str, axis: int) -> str | None:
        return self.carried.get((port, axis))

    def valid(self, port: str, axis: int, *, least: int = 0) -> str | None:
        lengths = self.lengths(port, axis)
        if lengths is None:
            return None
        counted = f"{lengths}.clamp(min={least})" if least else lengths
        return f"{VALID}({counted}, {self.variables[port]}.shape[{axis}])"


def size_text(dim: Dim, symbols: Mapping[str, str]) -> str:
    """A size as formatted Python. Raises SizeOutOfReach for a symbol that `symbols` does not have."""

    class Read(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            if node.id == "min":  # the only function in a size
                return node
            if node.id not in symbols:
                raise SizeOutOfReach(node.id)
            return parse_expression(symbols[node.id])

    text = ast.unparse(Read().visit(parse_expression(str(dim))))
    return text.replace("'", '"')  # the only texts are keys, which are identifiers
