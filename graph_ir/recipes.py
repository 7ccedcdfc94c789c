"""How a layer is said in PyTorch, as data: `codegen` prints recipes and knows no layer.

A value in `sizes` is a letter of the layer's signature (`"C"`), or a function of the layer's scope where torch wants
something that no single letter says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from graph_ir.dims import Dim
    from graph_ir.infer import Scope

Size = str | Callable[[Any, "Scope"], Any]


class Variables(Protocol):
    """What a recipe may say about the place where it is printed: Python source for its inputs and for sizes."""

    used: frozenset[str]
    """The output ports that something reads."""

    def __getitem__(self, port: str) -> str:
        """The variable on the input `port`."""

    def __contains__(self, port: str) -> bool:
        """Whether the optional input `port` is wired."""

    def many(self, port: str) -> list[str]:
        """The variables on a variadic port, in order."""

    def rank(self, port: str) -> int:
        """The number of axes on `port`."""

    def size(self, dim: Dim) -> str:
        """A size as an expression: `8`, or `x.shape[2] // 2`."""

    def lengths(self, port: str, axis: int) -> str | None:
        """The variable with the valid lengths that the tensor on `port` carries along `axis`, or None."""
        ...

    def valid(self, port: str, axis: int, *, least: int = 0) -> str | None:
        """A mask over (batch, axis), true at the steps within each sample's length; None where all count.

        With `least`, so many steps of a shorter sample are taken for valid too: a softmax needs one.
        """
        ...


Write = Callable[[Any, Variables], str]


class Recipe:
    """The common base of Module, Stored, Function, Expr, SubNetwork, Passing and Absent."""


@dataclass(frozen=True)
class Module(Recipe):
    """An `nn.Module`: built in `__init__` as `target(sizes…, fields…, fixed…)`, called with the inputs in port order.

    Sizes and required fields are printed by position, other fields by name where they differ from their default,
    `keywords` (sizes that torch takes by name) where they are not None. `call` writes the text between the brackets
    of the call where it is not just the inputs. `returns` is what the call gives, with output ports as names:
    `"y, (h_n, c_n)"`. `derived` outputs are computed from these: port to (ports it reads, function of the layer and
    their variables). `attributes` are outputs read off the module. `build` writes the constructor where it is not
    one call (`nn.Sequential(nn.Conv2d(…), …)`); `start` writes lines behind it, with `self.conv1` for the module, that
    give weights their first values. `helper` is the source of a small class that is printed once above the network
    where torch has none; `target` is its name. `packs` names the input port whose sequences are packed by the lengths
    they carry; the first port in `returns` is then unpacked again. `module` is what has to be imported for it.
    """

    target: str
    sizes: Mapping[str, Size] = field(default_factory=dict)
    keywords: Mapping[str, Size] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    call: Write | None = None
    returns: str = "y"
    derived: Mapping[str, tuple[tuple[str, ...], Callable[[Any, Mapping[str, str]], str]]] = field(
        default_factory=dict
    )
    attributes: Mapping[str, str] = field(default_factory=dict)
    build: Callable[[Any, Scope], str] | None = None
    start: Callable[[Any, str], list[str]] | None = None
    helper: str = ""
    module: str = ""
    packs: str = ""


@dataclass(frozen=True)
class Stored(Recipe):
    """A tensor that the network holds: `write` gives `nn.Parameter(…)` or `nn.Buffer(…)`, read as `self.name`.

    In `weights` or `buffers` its name is "".
    """

    write: Callable[[Any, Scope], str]


@dataclass(frozen=True)
class Function(Recipe):
    """A function without state: `F.max_pool2d(x, 2, stride=1)`.

    Required fields are printed by position, others by name where they differ from their default. A function that gives
    more than its first output only when asked has `returns` (`"y, indices"`) and `asks`, the argument that is printed
    where another port than the first is read (`"return_indices=True"`). `named` are input ports that torch has no
    argument for, and what is written in their place where they are wired (`size=like.shape[2:]`). `module` is the
    `nn.Module` that takes the same fields and does the same with its one input, where torch has it.
    """

    target: str
    returns: str = "y"
    asks: str = ""
    named: Mapping[str, Write] = field(default_factory=dict)
    module: str = ""


@dataclass(frozen=True)
class Expr(Recipe):
    """Any expression over the inputs. Uses only the names `torch`, `F` and builtins.

    With several ports in `returns` it gives a tuple of them where another than the first is in `v.used`, else the first
    alone. `module` is as for a Function.
    """

    write: Write
    returns: str = "y"
    module: str = ""


@dataclass(frozen=True)
class Absent(Recipe):
    """Nothing is printed: the layer is the boundary of the network (an Input, an Output)."""


@dataclass(frozen=True)
class Passing(Recipe):
    """Nothing is printed: each output is what comes in, at the place of `inputs` that it has in `outputs`, else first.

    Without `outputs` all are what comes in first.
    """

    outputs: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()

    def source(self, port: str, wired: Sequence[str]) -> str:
        """The wired input that an output hands on."""
        place = self.outputs.index(port) if port in self.outputs else 0
        fitting = self.inputs[place] if place < len(self.inputs) else ""
        return fitting if self.outputs and fitting in wired else wired[0]


@dataclass(frozen=True)
class SubNetwork(Recipe):
    """A block: printed as a class of its own, built and called like a module."""
