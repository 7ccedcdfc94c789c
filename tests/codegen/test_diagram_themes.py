"""The colours of pictures: every category has its own, and text can be read on all of them."""

from __future__ import annotations

import pytest

from codegen.diagram.themes import Palette, palette
from graph_ir.spec import Category

THEMES = ("light", "dark", "print")


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.2."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """The contrast of WCAG 2.2, from 1 to 21."""
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(params=THEMES)
def colours(request: pytest.FixtureRequest) -> Palette:
    return palette(request.param)


@pytest.mark.parametrize("category", Category, ids=lambda category: category.key)
def test_every_category_has_a_colour_on_which_its_title_can_be_read(
    category: Category, colours: Palette
) -> None:
    assert category.key in colours.headers
    assert contrast(colours.text, colours.header(category.key)) >= 4.5


def test_text_can_be_read(colours: Palette) -> None:
    assert contrast(colours.text, colours.unknown) >= 4.5
    assert contrast(colours.text, colours.card) >= 4.5
    assert contrast(colours.quiet, colours.card) >= 4.5
    assert contrast(colours.quiet, colours.ground) >= 4.5
    assert contrast(colours.error, colours.error_ground) >= 4.5


def test_wires_stand_out(colours: Palette) -> None:
    assert contrast(colours.wire, colours.ground) >= 3
    assert contrast(colours.error, colours.ground) >= 3


def test_an_unknown_category_is_quiet(colours: Palette) -> None:
    assert colours.header("") == colours.unknown
    assert colours.border("") == colours.quiet
