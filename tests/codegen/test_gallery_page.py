"""The documentation's page about the gallery is that of the templates there are."""

from __future__ import annotations

from pathlib import Path

from codegen.gallery import page
from graph_ir.templates import names

PAGE = Path(__file__).parents[2] / "docs" / "gallery.md"


def test_the_page_is_renewed_with_the_templates() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `python -m codegen.gallery docs/gallery.md`"


def test_every_template_stands_on_it_once() -> None:
    titles = [line for line in page().splitlines() if line.startswith("### ")]
    assert sorted(title.split("`")[1] for title in titles) == names()
