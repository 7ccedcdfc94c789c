"""A layer by itself, as recipes see it: every input is the variable of its port."""

from __future__ import annotations

from collections.abc import Mapping

from codegen.parts import symbol_sources
from codegen.place import Place
from graph_ir.signature import TensorType
from graph_ir.spec import Layer


def place_of(layer: Layer, types: Mapping[str, TensorType]) -> Place:
    """The layer with these types on its ports; only its first output is read."""
    symbols = symbol_sources({port: given.shape for port, given in types.items()})
    first = frozenset({layer.spec.outputs[0].name})
    return Place(layer.spec, {port: port for port in types}, types, first, symbols)
