"""The page that shows printed code to readers."""

from __future__ import annotations

from tests.codegen.generated_code import PAGE, renewed, shown


def test_the_code_on_the_page_is_what_is_printed() -> None:
    text = PAGE.read_text()
    assert shown(text) == ["resnet50", "hierarchical-attention", "digit-strings", "u-net", "transformer"]
    assert renewed(text) == text
