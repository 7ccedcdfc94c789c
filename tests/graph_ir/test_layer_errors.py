"""What is said of a wrong field or port: golden texts for every layer type, quickly, whatever the numbers are."""

from __future__ import annotations

import pytest

from graph_ir.layers import catalogue
from tests.graph_ir.layer_errors import GOLDEN, sentences, text

TYPES = sorted(catalogue())


def test_the_sentences_are_the_golden_ones() -> None:
    assert text() == GOLDEN.read_text(encoding="utf-8"), (
        "read the difference, then python -m tests.graph_ir.layer_errors > tests/golden/layer_errors.txt"
    )


@pytest.mark.parametrize("type", TYPES)
def test_every_sentence_names_what_is_wrong_and_is_one(type: str) -> None:
    cls = catalogue()[type]
    names = {*cls.spec.fields, *(port.name for port in cls.spec.inputs)}
    for one in sentences(cls):
        assert any(name in one.text for name in names) or one.code == "too-large", one
        assert not one.text.rstrip().endswith("."), one
        assert ". " not in one.text.replace("torch.", ""), one
        assert one.text.count("\n") == 0 and len(one.text) < 500, one


@pytest.mark.parametrize("type", TYPES)
def test_every_number_has_a_limit_that_is_told(type: str) -> None:
    """What is required is missed, and a type with number fields refuses some number."""
    cls = catalogue()[type]
    told = {one.what.split(" ")[-1 if one.what.startswith("without") else 0] for one in sentences(cls)}
    assert {field.name for field in cls.spec.fields.values() if field.required} <= told
