"""What a type checker knows of printed expressions: a module's call gives Any, a function of torch a tensor."""

from __future__ import annotations

import ast
from collections.abc import Collection

from codegen.syntax import parse_expression


def is_tensor(source: str, tensors: Collection[str]) -> bool:
    """Whether a type checker sees that this expression is a tensor; what a module gives is Any."""
    return _is_tensor(parse_expression(source), tensors)


def _is_tensor(node: ast.expr, tensors: Collection[str]) -> bool:
    match node:
        case ast.Name():
            return node.id in tensors
        case ast.Call(func=ast.Attribute(value=ast.Name(id="F" | "torch"))):
            return True
        case ast.Call(func=ast.Attribute(value=owner, attr=name)):
            return name in _METHODS and _is_tensor(owner, tensors)
        case ast.BinOp():
            sides = [node.left, node.right]
            known = [side for side in sides if not isinstance(side, ast.Constant)]
            return bool(known) and all(_is_tensor(side, tensors) for side in known)
        case ast.Subscript():
            return _is_tensor(node.value, tensors)
    return False


_METHODS = {
    "flatten",
    "mean",
    "sum",
    "transpose",
    "permute",
    "reshape",
    "unsqueeze",
    "squeeze",
    "expand",
}
"""Methods of a tensor that give one tensor, whatever they are given."""
