"""Expressions as text: what they name, and the same with other things in the place of names.

What is put in is bracketed where it is more than one word, so that it keeps its precedence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from graph_ir.block_graphs import INDEX
from graph_ir.blocks import Block
from graph_ir.expressions import KEYWORDS, TOKEN, BadExpression, Value, evaluate, parsed
from graph_ir.graph import BLOCK, Node
from graph_ir.kinds import Json, is_expression
from graph_ir.spec import REGISTRY

_COUNTED = ("parameters", "when")
"""In these values of a use, `i` is its own repetition and no name of the network."""


class TooLong(ValueError):
    """What would come out can't be written as an expression; the text says why."""


def names_in(expression: str) -> list[str]:
    """The names in an expression (with or without its leading `=`), in order; empty if it can't be read."""
    return [text for kind, text, _, _ in _tokens(expression) if _is_name(kind, text)]


def _is_name(kind: str, text: str) -> bool:
    return kind == "name" and text not in KEYWORDS


def _tokens(expression: str) -> list[tuple[str, str, int, int]]:
    """Kind, text, begin and end of every token; none where the expression can't be read."""
    at, found = int(is_expression(expression)), []
    end = len(expression.rstrip())
    while at < end:
        match = TOKEN.match(expression, at)
        if match is None:
            return []
        kind = match.lastgroup or ""
        found.append((kind, match[kind], match.start(kind), match.end()))
        at = match.end()
    return found


def with_names(expression: str, meant: Mapping[str, Json]) -> Json:
    """An expression with values or other expressions put in for names; a plain value where that is what it then is.

    Raises TooLong.

    >>> with_names("=width*2", {"width": "=base + 4"})
    '=(base + 4)*2'
    >>> with_names("=width*2", {"width": 8})
    16
    """
    tokens = _tokens(expression)
    replaced = [token for token in tokens if _is_name(*token[:2]) and token[1] in meant]
    if not replaced:
        return expression
    if len(tokens) == 1:
        return meant[tokens[0][1]]
    text, at = "", 0
    for _, name, begin, end in replaced:
        text += expression[at:begin] + _operand(meant[name])
        at = end
    return _plain(text + expression[at:])


def _operand(raw: Json) -> str:
    """A value as it stands inside an expression."""
    if is_expression(raw):
        tokens = _tokens(raw)
        return raw[1:].strip() if len(tokens) == 1 else f"({raw[1:].strip()})"
    if isinstance(raw, str):
        quote = "'" if "'" not in raw else '"'
        if quote in raw or "\\" in raw:
            raise TooLong(f"the text {raw[:40]!r} can't stand inside an expression")
        return f"{quote}{raw}{quote}"
    text = repr(raw)
    return f"({text})" if text.startswith("-") else text


def _plain(expression: str) -> Json:
    """An expression that names nothing as its value. Raises TooLong where it can no longer be read."""
    body = expression[1:]
    try:
        parsed(body)
    except BadExpression as error:
        raise TooLong(f"the expression {expression[:40]!r} {error}") from None
    try:
        value = evaluate(body, {})
    except BadExpression:
        return expression
    writable = isinstance(value, bool | int | float) or (isinstance(value, str) and not is_expression(value))
    return value if writable else expression


def known_value(raw: Json) -> Value | None:
    """The value of what names nothing; None where it depends on something, or has none."""
    if not is_expression(raw):
        return raw if isinstance(raw, bool | int | float | str) else None
    try:
        return evaluate(raw[1:], {})
    except BadExpression:
        return None


def names_of_node(node: Node, *, in_block: bool = False) -> list[str]:
    """The names that the expressions in a node's values hold, without `i` where it is its own repetition."""
    found: list[str] = []
    for key, raw in node.values.items():
        own = INDEX if node.type == BLOCK and key in _COUNTED else None
        bare = in_block and _is_pattern(node, key)
        found += [name for text in _expressions(raw, bare) for name in names_in(text) if name != own]
    return found


def _expressions(raw: Json, bare: bool) -> Iterator[str]:
    if is_expression(raw) or (bare and isinstance(raw, str)):
        yield raw
    elif isinstance(raw, list | dict):
        for entry in raw if isinstance(raw, list) else raw.values():
            yield from _expressions(entry, bare)


def _is_pattern(node: Node, key: str) -> bool:
    """In the shape of a block's port a text is a letter or an expression, without a sign in front."""
    cls = REGISTRY.get(node.type)
    return key == "shape" and cls is not None and cls.spec.trait == "input"


def rewritten(node: Node, meant: Mapping[str, Json]) -> Node:
    """A node with values or other expressions put in for names. Raises TooLong.

    A value that no file may hold in that field stays an expression, such as `"=True"`: the check says what is wrong.
    """
    cls = Block if node.type == BLOCK else REGISTRY.get(node.type)
    values = {}
    for key, raw in node.values.items():
        own = node.type == BLOCK and key in _COUNTED
        here = {name: value for name, value in meant.items() if not (own and name == INDEX)}
        new = _changed(raw, partial(with_names, meant=here), bare=False)
        field = cls.spec.fields.get(key) if cls is not None else None
        if field is not None and not (is_expression(new) or field.kind.accepts(new)):
            new = _changed(raw, partial(_signed, meant=here), bare=False)
        values[key] = new
    return node.having(values=values) if values != node.values else node


def _signed(expression: str, meant: Mapping[str, Json]) -> Json:
    """The same as `with_names`, but always an expression."""
    found = with_names(expression, meant)
    return found if is_expression(found) else f"={_operand(found)}"


def with_other_name(node: Node, old: str, new: str, *, in_block: bool = False) -> Node:
    """A node that says `new` where it named `old`; in a block also in the patterns of its ports."""
    values = {}
    for key, raw in node.values.items():
        own = node.type == BLOCK and key in _COUNTED and old == INDEX
        bare = in_block and _is_pattern(node, key)
        values[key] = raw if own else _changed(raw, lambda text: renamed(text, old, new), bare=bare)
    return node.having(values=values) if values != node.values else node


def renamed(expression: str, old: str, new: str) -> str:
    """The expression with another name for one of its names; all else stays as it is written."""
    for kind, name, begin, end in reversed(_tokens(expression)):
        if _is_name(kind, name) and name == old:
            expression = expression[:begin] + new + expression[end:]
    return expression


def _changed(raw: Json, change: Callable[[str], Json], *, bare: bool) -> Json:
    """A raw value with every expression in it changed; `bare` texts are expressions too."""
    if is_expression(raw) or (bare and isinstance(raw, str)):
        return change(raw)
    if isinstance(raw, list):
        return [_changed(entry, change, bare=bare) for entry in raw]
    if isinstance(raw, dict):
        return {name: _changed(entry, change, bare=bare) for name, entry in raw.items()}
    return raw
