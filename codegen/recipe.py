"""Prints the recipe of one layer: how it is built in `__init__` and what is called in `forward`.

Nothing here knows a layer: everything is read from the declaration.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from codegen.layout import literal
from graph_ir.infer import Scope
from graph_ir.kinds import Either, Kind, Span
from graph_ir.recipes import Expr, Function, Module, Size, Stored, SubNetwork, Variables
from graph_ir.spec import FieldSpec, Layer, Spec
from graph_ir.spelling import is_spelled


def is_built(layer: Layer | None) -> bool:
    """Whether `__init__` makes something for the layer, so that it has an attribute."""
    return layer is not None and isinstance(layer.spec.recipe, Module | Stored | SubNetwork)


Words = Mapping[str, str]
"""By field: the source of its value, where that is an expression over arguments."""


def constructor(layer: Layer, scope: Scope, words: Words | None = None, *, exact: bool = False) -> str:
    """`nn.Conv2d(3, 32, 3, padding=1)`: what `__init__` assigns for a layer with a Module or Stored recipe.

    With `exact` all values are written, so that two constructors can be compared.
    """
    recipe = layer.spec.recipe
    if isinstance(recipe, Stored):
        return recipe.write(layer, scope)
    assert isinstance(recipe, Module), "only a Module is built"
    if recipe.build is not None:
        return recipe.build(layer, scope)
    arguments = [literal(_size(layer, scope, size)) for size in recipe.sizes.values()]
    arguments += _fields(layer, words or {}, exact=exact)
    for name, size in recipe.keywords.items():
        value = _size(layer, scope, size)
        arguments += [f"{name}={literal(value)}"] if value is not None else []
    arguments += [f"{name}={literal(value)}" for name, value in recipe.fixed.items()]
    return f"{recipe.target}({', '.join(arguments)})"


def module_form(layer: Layer, words: Words | None = None) -> str:
    """A function as the module that does the same, `nn.MaxPool2d(2)`; "" where torch has none."""
    recipe = layer.spec.recipe
    if not isinstance(recipe, Function | Expr) or not recipe.module:
        return ""
    return f"{recipe.module}({', '.join(_fields(layer, words or {}, exact=False))})"


def call(
    layer: Layer, module: str, place: Variables, words: Words | None = None, *, exact: bool = False
) -> str:
    """The right-hand side in `forward`: `self.conv1(x)` (`module` is `conv1`), `F.relu(x)`, `x + skip`."""
    recipe = layer.spec.recipe
    if isinstance(recipe, Stored):
        return f"self.{module}"
    if isinstance(recipe, Expr):
        return recipe.write(layer, place)
    if isinstance(recipe, Function):
        further = [write(layer, place) for port, write in recipe.named.items() if port in place]
        further += [recipe.asks] if len(returned(layer.spec, place.used)) > 1 else []
        inputs = _inputs(layer.spec, place, without=recipe.named)
        return f"{recipe.target}({', '.join([*inputs, *_fields(layer, words or {}, exact=exact), *further])})"
    assert isinstance(recipe, Module), "an Absent recipe prints nothing"
    inside = recipe.call(layer, place) if recipe.call else ", ".join(_inputs(layer.spec, place))
    return f"self.{module}({inside})"


def returned(spec: Spec, used: Collection[str] | None = None) -> list[str]:
    """The output ports that one call gives, in its order, where `used` of them are read (None: all).

    A module gives all of them; a function or expression its first alone where no other is read.
    """
    recipe = spec.recipe
    if not isinstance(recipe, Module | Function | Expr | SubNetwork):
        return [spec.outputs[0].name] if spec.outputs else []
    if isinstance(recipe, SubNetwork):
        return [port.name for port in spec.outputs]
    ports = re.findall(r"\w+", recipe.returns)
    alone = used is not None and set(used) <= set(ports[:1]) and not isinstance(recipe, Module)
    return ports[:1] if alone else ports


def target(spec: Spec, names: Mapping[str, str]) -> str:
    """The left-hand side: what the call returns, with a variable for each port that has one, else `_`.

    A nested tuple that nothing reads collapses: `y, (h_n, c_n)` with only `y` read is `y, _`.
    """
    recipe = spec.recipe
    if not names:
        return "_"
    text = recipe.returns if isinstance(recipe, Module) else ", ".join(returned(spec, names))
    text = re.sub(r"\w+", lambda port: names.get(port[0], "_"), text)
    return re.sub(r"\(_(, _)*\)", "_", text)


def derived(layer: Layer, port: str, names: Mapping[str, str]) -> str:
    """The expression of an output that is computed from what the call returned."""
    recipe = layer.spec.recipe
    assert isinstance(recipe, Module), "only a Module has derived outputs"
    return recipe.derived[port][1](layer, names)


def preparation(layer: Layer, module: str, weights: Mapping[str, tuple[int, ...]]) -> list[str]:
    """Lines behind the constructor: how weights start, and that they stay as they are."""
    lines: list[str] = []
    recipe = layer.spec.recipe
    if isinstance(recipe, Module) and recipe.start is not None:
        lines += recipe.start(layer, f"self.{module}")
    init = getattr(layer, "init", None)
    if init and weights:
        lines += _initialised(f"nn.init.{init}_", module, weights)
    if not getattr(layer, "trainable", True) and weights:
        lines.append(f"self.{module}.requires_grad_(False)")
    return lines


def _initialised(function: str, module: str, weights: Mapping[str, tuple[int, ...]]) -> list[str]:
    if "" in weights:
        return [f"{function}(self.{module})"]
    if set(weights) <= {"weight", "bias"}:
        return [f"{function}(self.{module}.weight)"]
    return [
        f"for name, parameter in self.{module}.named_parameters():",
        '    if "weight" in name:',
        f"        {function}(parameter)",
    ]


def _size(layer: Layer, scope: Scope, size: Size) -> Any:
    return size(layer, scope) if callable(size) else getattr(scope, size)


def _inputs(spec: Spec, place: Variables, without: Collection[str] = ()) -> list[str]:
    variables: list[str] = []
    for port in spec.inputs:
        if port.variadic:
            variables += place.many(port.name)
        elif port.name in place and port.name not in without:
            variables.append(place[port.name])
    return variables


def _fields(layer: Layer, words: Words, *, exact: bool) -> list[str]:
    """Required fields by position while they come first, others by name unless they have their default."""
    arguments: list[str] = []
    by_position = True
    for field in layer.spec.fields.values():
        if not field.in_torch:
            continue
        by_position = by_position and field.required
        value = getattr(layer, field.name)
        text = words.get(field.name) or _value(field, value, exact=exact)
        if exact and field.name in words and isinstance(value, tuple):
            text = f"({', '.join([text] * len(value))}{',' * (len(value) == 1)})"
        if by_position:
            arguments.append(text)
        elif exact or field.required or field.name in words or value != field.default or is_spelled(value):
            arguments.append(f"{field.name}={text}")
    return arguments


def _value(field: FieldSpec, value: Any, *, exact: bool) -> str:
    if not exact and isinstance(value, tuple) and value and value[0] is not None and _has_span(field.kind):
        entries = {literal(entry) for entry in value}
        return literal(value) if len(entries) > 1 else entries.pop()
    return literal(value)


def _has_span(kind: Kind) -> bool:
    return isinstance(kind, Span) or (isinstance(kind, Either) and any(map(_has_span, kind.kinds)))
