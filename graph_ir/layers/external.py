"""A module of the user's own, so that one layer we do not know never blocks a design."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from graph_ir.declare import layer, option
from graph_ir.dims import Dim, Expr
from graph_ir.expressions import BadExpression, evaluate
from graph_ir.infer import Scope
from graph_ir.kinds import BadValue, Either, Integer, Json, Kind, Nothing
from graph_ir.recipes import Module
from graph_ir.signature import FLOATS, Port, TensorType, Token, parse_port
from graph_ir.spec import Category, Layer

_TARGET = re.compile(
    r"(?P<module>[A-Za-z_]\w*(\.[A-Za-z_]\w*)*):(?P<name>[A-Za-z_]\w*(\.[A-Za-z_]\w*)*)", re.ASCII
)
_EXPORTED = frozenset({"model", "data", "train", "runtime"})
_LONGEST = 200

Pairs = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Target(Kind):
    """Where a class is found: `package.module:Class`. The standard library has no network module: it is refused."""

    name = "target"

    def accepts(self, raw: Json) -> bool:
        return isinstance(raw, str)

    def convert(self, raw: Json) -> str:
        text = str(raw)
        found = _TARGET.fullmatch(text) if len(text) <= _LONGEST else None
        if found is None or any(map(keyword.iskeyword, re.split("[.:]", text))):
            raise BadValue(f"is {text[:40]!r}, but must be {self.describe()}")
        root = found["module"].partition(".")[0]
        inside = root != "torch" or (found["module"].startswith("torch.nn") and "." not in found["name"])
        if root in sys.stdlib_module_names or root in _EXPORTED or not inside:
            raise BadValue(
                f"is {text[:40]!r}, but {found['module'][:40]} holds no network module of yours; name your own"
            )
        return text

    def describe(self) -> str:
        return "the place of a class, such as 'package.module:Class'"

    def schema(self) -> dict[str, Json]:
        return {
            "type": "string",
            "pattern": f"^{_TARGET.pattern.replace('?P<module>', '').replace('?P<name>', '')}$",
        }


class _Named(Kind):
    """An object whose keys are identifiers."""

    def accepts(self, raw: Json) -> bool:
        return isinstance(raw, Mapping) or (isinstance(raw, tuple) and all(len(pair) == 2 for pair in raw))

    def pairs(self, raw: Json) -> Pairs:
        """The entries in order. Raises BadValue for a name that can't stand in Python."""
        found = tuple(raw.items()) if isinstance(raw, Mapping) else raw
        bad = [n for n, _ in found if not n.isidentifier() or not n.isascii() or keyword.iskeyword(n)]
        if bad or len(found) > 100:
            raise BadValue(
                f"has the name {bad[0][:40]!r}, but must be {self.describe()}"
                if bad
                else "has too many entries"
            )
        return tuple(found)

    def dump(self, value: Any) -> Json:
        return {name: _thawed(entry) for name, entry in value}


@dataclass(frozen=True)
class Signatures(_Named):
    """Ports with their signatures: `{"x": "N C T", "mask": "N T : bool"}`."""

    gives: bool = False
    name = "signatures"

    def convert(self, raw: Json) -> Pairs:
        found = self.pairs(raw)
        for port, signature in found:
            try:
                if not isinstance(signature, str):
                    raise ValueError(signature)
                _output(port, signature) if self.gives else parse_port(port, signature, FLOATS)
            except ValueError:
                raise BadValue(
                    f"has {str(signature)[:40]!r} for {port[:40]!r}, but must be {self.describe()}"
                ) from None
        if not found:
            raise BadValue(f"is empty, but must be {self.describe()}")
        return found

    def describe(self) -> str:
        return (
            "port names with their axes, such as {'y': 'N 64'}"
            if self.gives
            else "port names with their axes, such as {'x': 'N C T'}"
        )

    def schema(self) -> dict[str, Json]:
        return {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}}


@dataclass(frozen=True)
class Arguments(_Named):
    """What a class is built with: names with texts, numbers, booleans, null and lists of these."""

    name = "arguments"

    def convert(self, raw: Json) -> Pairs:
        return tuple((name, _frozen(value)) for name, value in self.pairs(raw))

    def describe(self) -> str:
        return "argument names with plain values, such as {'width': 64}"

    def schema(self) -> dict[str, Json]:
        return {"type": "object"}


def _frozen(value: Json) -> Any:
    if isinstance(value, list | tuple):
        return tuple(map(_frozen, value))
    if isinstance(value, Expr):
        raise BadValue(f"must be known numbers, but one is {value}")
    if value is not None and not isinstance(value, str | int | float | bool):
        raise BadValue("has a nested object, but must hold plain values and lists of these")
    return value


def _thawed(value: Any) -> Json:
    return list(map(_thawed, value)) if isinstance(value, tuple) else value


def _output(name: str, signature: str) -> Port:
    """A port whose sizes may also be expressions of the inputs' letters: `N 2*C H//2`. Raises ValueError."""
    axes, _, dtype = (part.strip() for part in signature.partition(":"))
    plain = parse_port(name, f"*S : {dtype}" if dtype else "*S", ())
    return replace(plain, axes=axes, tokens=tuple(Token(word) for word in axes.split()))


def _built(layer: ExternalModule, d: Scope) -> str:
    arguments = ", ".join(f"{name}={_literal(value)}" for name, value in layer.arguments)
    return f"{layer.target.replace(':', '.')}({arguments})"


def _literal(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_literal, value))}]"
    return ascii(value) if not isinstance(value, str) else _text(value)


def _text(value: str) -> str:
    quoted = ascii(value)
    return quoted if '"' in value or quoted[0] == '"' else f'"{quoted[1:-1]}"'


@layer(
    Category.DENSE,
    source="torch.nn.Module; the class that `target` names",
    aliases=("Custom", "Lambda"),
    common=False,
)
class ExternalModule(Layer):
    """Uses a module of your own: the class that `target` names, with the ports and sizes that you declare.

    Layerloom never imports it: it is printed as an import. Its signature is declared, not checked, until `layerloom
    prove` has run it in a process of its own (it must be installed or stand on PYTHONPATH) and compared. An input's
    signature binds letters; an output's sizes are letters, numbers or expressions of letters such as `T//2`.
    """

    target: str = option(Target(), "the class, as package.module:Class", start="package.module:Class")
    arguments: Pairs = option(Arguments(), "what the class is built with", default={})
    inputs: Pairs = option(  # type: ignore[assignment,misc]  # of one use, in place of the type's
        Signatures(), "its inputs in the order of forward, with their axes", start={"x": "N C"}
    )
    outputs: Pairs = option(  # type: ignore[assignment,misc]  # of one use, in place of the type's
        Signatures(gives=True), "its results in order, with their axes", start={"y": "N C"}
    )
    parameters: int | None = option(
        Either(Nothing(), Integer(0)), "how many numbers it learns; null: not said", default=None
    )
    torch = Module("torch.nn.Identity", build=_built)

    @classmethod
    def declared_by(cls, values: Mapping[str, Json]) -> type[Layer]:
        """The type with the ports that these values declare; as it stands where they can't be read."""
        fields = cls.spec.fields
        try:
            ports = [fields[name].kind.convert(values[name]) for name in ("inputs", "outputs")]
            target = fields["target"].kind.convert(values["target"])
        except (BadValue, KeyError, TypeError, AttributeError):
            return cls
        return _with_ports(target, *ports)

    def limits(self, d: Scope) -> None:
        for port, given in d.types.items():
            d.mixes(port, range(len(given.shape)), "a module of your own runs")
        text = f"{self.target} is declared, not checked; `layerloom prove` compares its signature with the module"
        d.warn("declared-not-checked", text)

    def result(self, d: Scope) -> Mapping[str, TensorType]:
        return {port.name: self._type(d, port) for port in d.layer.spec.outputs}

    def _type(self, d: Scope, port: Port) -> TensorType:
        shape: list[Dim] = []
        roles: list[str] = []
        for token in port.tokens:
            if token.is_run and token.text in d.runs:
                dims, run_roles, _ = d.runs[token.text]
                shape += dims
                roles += run_roles
            else:
                shape.append(self._size(d, port, token.text))
                roles.append(d.roles.get(token.text, token.role if token.text.isidentifier() else ""))
        given = next(iter(d.types.values()), None)
        dtype = port.dtypes[0] if port.dtypes else given.dtype if given else "float32"
        return TensorType(tuple(shape), dtype, tuple(roles))

    @staticmethod
    def _size(d: Scope, port: Port, text: str) -> Dim:
        try:
            size = evaluate(text, d.letters)
        except BadExpression as error:
            remedy = "use letters of its inputs, numbers, or expressions of these without spaces"
            d.fail(
                "bad-value",
                f"`outputs` says {text!r} of `{port.name}`, which {error}; {remedy}",
                field="outputs",
            )
        if isinstance(size, bool | float | str):
            d.fail(
                "bad-value",
                f"`outputs` says {text!r} of `{port.name}`, which is no size; mend it",
                field="outputs",
            )
        return size

    def declared_parameters(self, d: Scope) -> int | None:
        return self.parameters


@lru_cache(maxsize=1024)
def _with_ports(target: str, inputs: Pairs, outputs: Pairs) -> type[Layer]:
    spec = ExternalModule.spec
    module = target.partition(":")[0]
    returns = ", ".join(name for name, _ in outputs)
    made: type[Layer] = type(ExternalModule.__name__, (ExternalModule,), {"__doc__": ExternalModule.__doc__})
    made.spec = replace(
        spec,
        inputs=tuple(parse_port(name, text, FLOATS) for name, text in inputs),
        outputs=tuple(_output(name, text) for name, text in outputs),
        recipe=Module(target.replace(":", "."), build=_built, returns=returns, module=module),
    )
    return made
