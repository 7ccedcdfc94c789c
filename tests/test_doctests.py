"""The examples in docstrings are true."""

from __future__ import annotations

import doctest
from importlib import import_module
from pkgutil import walk_packages

import pytest

import codegen
import graph_ir

MODULES = [
    module.name
    for package in (graph_ir, codegen)
    for module in walk_packages(package.__path__, f"{package.__name__}.")
    if not module.name.startswith("codegen.child")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_are_true(name: str) -> None:
    assert doctest.testmod(import_module(name)).failed == 0


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder()
    assert sum(bool(found.examples) for name in MODULES for found in finder.find(import_module(name))) >= 4
