"""How a layer type is declared: kinds of fields, and the decorator that reads a class body once and for all.

`@layer(category)` checks that the declaration is whole (a wrong one fails when it is imported) and registers it.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, dataclass_transform

from graph_ir.kinds import Choice, Either, Flag, Integer, Kind, Nothing, Number, Span
from graph_ir.recipes import Recipe
from graph_ir.signature import FLOATS, parse_port
from graph_ir.spec import MISSING, REGISTRY, Category, FieldSpec, Layer, Spec


def option(
    kind: Kind,
    help: str,
    *,
    default: Any = MISSING,
    start: Any = MISSING,
    role: str = "",
    in_torch: bool = True,
) -> Any:
    """A field of a layer. Without `default` it is required; `start` is what the palette proposes."""
    if default is not MISSING:
        default = kind.convert(default)
    if start is not MISSING:
        start = kind.convert(start)
    return dataclasses.field(
        default=default, metadata={"declared": (kind, help, start, role, in_torch)}, kw_only=True
    )


def count(help: str, *, low: int = 1, **rest: Any) -> Any:
    """A field that counts something: an int of at least `low`."""
    return option(Integer(low), help, **rest)


def span(rank: int, help: str, *, low: int = 1, **rest: Any) -> Any:
    """A field with one int of at least `low` per spatial axis."""
    return option(Span(rank, Integer(low)), help, **rest)


def number(
    help: str, *, low: float | None = None, high: float | None = None, above: bool = False, **rest: Any
) -> Any:
    """A field that holds a float."""
    return option(Number(low, high, above), help, **rest)


def flag(help: str, *, default: bool) -> Any:
    """A field that is true or false."""
    return option(Flag(), help, default=default)


def choice(options: tuple[str, ...], help: str, **rest: Any) -> Any:
    """A field that is one of a few words."""
    return option(Choice(options), help, **rest)


INITIALISERS = (
    "xavier_uniform",
    "xavier_normal",
    "kaiming_uniform",
    "kaiming_normal",
    "orthogonal",
    "normal",
    "zeros",
    "ones",
)


PLAIN_INITIALISERS = ("normal", "zeros", "ones")
"""Those that work for a weight of any number of axes."""


class Weighted(Layer):
    """A layer with parameters: can be frozen, initialised and penalised. Takes float32, as torch's weights are."""

    trainable: bool = option(Flag(), "whether training changes its weights", default=True, in_torch=False)
    init: str | None = option(
        Either(Nothing(), Choice(INITIALISERS)),
        "how its weights start, by torch.nn.init's name; null: torch's own way",
        default=None,
        in_torch=False,
    )
    l1: float = number("penalty on the sum of its weights' magnitudes", low=0, default=0.0, in_torch=False)
    l2: float = number("penalty on the sum of its weights' squares", low=0, default=0.0, in_torch=False)


_L = TypeVar("_L", bound=Layer)


@dataclass_transform(
    kw_only_default=True, frozen_default=True, field_specifiers=(option, count, span, number, flag, choice)
)
def layer(
    category: Category,
    *,
    source: str = "",
    aliases: tuple[str, ...] = (),
    common: bool = True,
    trait: str = "",
    listed: bool = True,
) -> Callable[[type[_L]], type[_L]]:
    """Reads a class body as the declaration of a layer type and registers it, unless it is not to be `listed`.

    `source` names the paper or torch page; `aliases` the names of other libraries. Raises TypeError where the
    declaration is not whole.
    """

    def declare(cls: type[_L]) -> type[_L]:
        own = _inherit_annotations(cls)
        # What a dataclass would generate for each class, `Layer` has once: that is a third of the time of starting.
        made: type[_L] = dataclass(kw_only=True, init=False, repr=False, eq=False, match_args=False)(own)
        made.spec = _read(made, category, source, aliases, common, trait)
        if not listed:
            return made
        if made.__name__ in REGISTRY:
            raise TypeError(f"{made.__name__} is declared twice")
        REGISTRY[made.__name__] = made
        return made

    return declare


def _inherit_annotations(cls: type[_L]) -> type[_L]:
    """Puts the fields of undecorated bases behind the class's own, so that torch's arguments come first."""
    annotations = dict(inspect.get_annotations(cls))
    for base in cls.__mro__[1:]:
        for name, annotation in inspect.get_annotations(base).items():
            if isinstance(base.__dict__.get(name), dataclasses.Field) and name not in annotations:
                annotations[name] = annotation
                setattr(cls, name, base.__dict__[name])
    cls.__annotations__ = annotations
    return cls


def _read(
    cls: type[Layer], category: Category, source: str, aliases: tuple[str, ...], common: bool, trait: str
) -> Spec:
    name = cls.__name__
    doc = inspect.cleandoc(cls.__doc__ or "")
    if not doc or doc.startswith(f"{name}("):
        raise TypeError(f"{name} has no docstring: say in one sentence what it does")
    if not isinstance(cls.__dict__.get("torch", getattr(cls, "torch", None)), Recipe):
        raise TypeError(f"{name} has no recipe: set `torch` to a Module, Function or Expr")
    weighted = issubclass(cls, Weighted)
    taken = FLOATS[:1] if weighted else FLOATS
    fields = {f.name: _field(f) for f in dataclasses.fields(cls)}  # type: ignore[arg-type]  # made a dataclass above
    spec = Spec(
        type=name,
        category=category,
        summary=doc.partition("\n")[0],
        doc=doc,
        source=source,
        fields=fields,
        inputs=tuple(parse_port(port, text, taken) for port, text in cls.inputs.items()),
        outputs=tuple(parse_port(port, text, ()) for port, text in cls.outputs.items()),
        recipe=cls.torch,
        trait=trait,
        aliases=aliases,
        common=common,
        weighted=weighted,
        references=tuple(name for name, field in fields.items() if field.kind.refers),
        files=tuple(name for name, field in fields.items() if field.kind.names_file),
        own_ports="declared_by" in cls.__dict__,
        varies=any("declared_by" in base.__dict__ for base in cls.__mro__ if base is not Layer),
        adapters=tuple((parse_port("x", axes, FLOATS), type) for axes, type in cls.adapters.items()),
    )
    _check_declaration(spec)
    return spec


def _field(field: dataclasses.Field[Any]) -> FieldSpec:
    if "declared" not in field.metadata:
        raise TypeError(f"the field {field.name} is not declared with option(), count(), span() …")
    kind, text, start, role, in_torch = field.metadata["declared"]
    return FieldSpec(
        name=field.name,
        kind=kind,
        help=text,
        default=field.default,
        start=field.default if start is MISSING else start,
        role=role,
        in_torch=in_torch,
    )


def _check_declaration(spec: Spec) -> None:
    bound = {token.text for port in spec.inputs for token in port.tokens}
    for port in (*spec.inputs, *spec.outputs):
        unknown = [t.text for t in port.tokens if t.is_field and t.text not in spec.fields]
        if unknown:
            raise TypeError(
                f"{spec.type}: the signature of {port.name} names {unknown[0]!r}, which is no field"
            )
    for port in spec.outputs:
        free = [
            t.text for t in port.tokens if t.is_letter and not t.text.endswith("'") and t.text not in bound
        ]
        if free and spec.inputs:
            raise TypeError(f"{spec.type}: {free[0]} of output {port.name} is bound by no input")
    for field in spec.fields.values():
        if field.required and field.start is MISSING:
            raise TypeError(
                f"{spec.type}: the required field {field.name} has no start value for the palette"
            )
        if not field.help:
            raise TypeError(f"{spec.type}: the field {field.name} has no help text")
