"""The layer types. Every module of this package is imported, so a new file or class needs no entry in any list."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from graph_ir.spec import REGISTRY, Layer

for _module in sorted(iter_modules(__path__), key=lambda module: module.name):
    import_module(f"{__name__}.{_module.name}")


@cache
def catalogue() -> dict[str, type[Layer]]:
    """Every layer type by name, in the order of categories, then of declaration."""
    order = {category: i for i, category in enumerate(type(next(iter(REGISTRY.values())).spec.category))}
    return dict(sorted(REGISTRY.items(), key=lambda item: order[item[1].spec.category]))
