"""Where a recipe is printed: the variables on a layer's wires, and how sizes are read off tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from codegen.spelled import source_of
from codegen.support import VALID
from graph_ir.dims import Dim, Expr
from graph_ir.recipes import Variables
from graph_ir.signature import TensorType
from graph_ir.spec import Spec, variadic_index
from graph_ir.spelling import token


@dataclass(frozen=True)
class Place(Variables):
    """One use of a layer in printed code: `variables` are sources by input port, wired ports only.

    `symbols` says how each symbol is read (`image.shape[2]`); with None, sizes are tokens for the time being. `carried`
    says which variable holds the valid lengths of (port, axis).
    """

    spec: Spec
    variables: Mapping[str, str]
    types: Mapping[str, TensorType]
    used: frozenset[str] = frozenset()
    symbols: Mapping[str, str] | None = field(default_factory=dict)
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
        if self.symbols is None:
            return token(str(dim)) if isinstance(dim, Expr) else str(dim)
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
    return source_of(str(dim), symbols)
