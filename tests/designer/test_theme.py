"""The look's promises, computed from the theme file: categories told apart, words legible, our own fonts."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtGui import QColor, QFontInfo
from PySide6.QtWidgets import QApplication

from designer.dressing import ThemeManager
from designer.theme import (
    FONT_FILES,
    application_icon,
    category_icon,
    glyph,
    icon,
    load_fonts,
    load_theme,
)
from tests.designer.canvas_colour import MATRICES, contrast, delta_e, lab, linear, simulate

LOOKS = pytest.mark.parametrize("name", ["dark", "light"])


def test_colour_difference_agrees_with_published_pairs() -> None:
    # Sharma, Wu and Dalal 2005, table 1.
    assert delta_e((50, 2.6772, -79.7751), (50, 0, -82.7485)) == pytest.approx(2.0425, abs=1e-4)
    assert delta_e((50, 2.5, 0), (73, 25, -18)) == pytest.approx(27.1492, abs=1e-4)
    assert delta_e((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514)) == pytest.approx(0.9082, abs=1e-4)


@LOOKS
@pytest.mark.parametrize("vision", MATRICES)
def test_categories_are_told_apart(name: str, vision: str) -> None:
    colours = {
        key: lab(simulate(linear(value), vision)) for key, value in load_theme(name).categories.items()
    }
    close = [
        (one, other)
        for one, other in itertools.combinations(colours, 2)
        if delta_e(colours[one], colours[other]) < 10
    ]
    assert len(colours) == 10
    assert close == []


@LOOKS
def test_spines_and_glyphs_stand_out(name: str) -> None:
    theme = load_theme(name)
    for category in theme.categories:
        spine = linear(theme.category_colour(category).name())
        for ground in ("card", "ground", "panel"):
            assert contrast(spine, linear(theme.colours[ground])) >= 3, (category, ground)
        on_strip = contrast(
            linear(theme.glyph_colour(category).name()), linear(theme.strip_colour(category).name())
        )
        assert on_strip >= 3, category


@LOOKS
def test_words_are_legible_on_every_ground(name: str) -> None:
    theme = load_theme(name)
    pairs = [
        (text, ground)
        for text in ("text", "quiet")
        for ground in ("ground", "card", "panel", "field", "hover", "pill")
    ]
    pairs += [
        (state, ground)
        for state in ("error", "warning", "hint", "good")
        for ground in ("ground", "card", "panel")
    ]
    pairs += [(f"on_{state}", state) for state in ("selection", "error", "warning", "hint")]
    for text, ground in pairs:
        assert contrast(linear(theme.colours[text]), linear(theme.colours[ground])) >= 4.5, (text, ground)


@LOOKS
def test_wires_and_rings_stand_out(name: str) -> None:
    theme = load_theme(name)
    for line in ("wire", "selection", "error", "warning", "hint"):
        for ground in ("ground", "card"):
            assert contrast(linear(theme.colours[line]), linear(theme.colours[ground])) >= 3, (line, ground)


@LOOKS
def test_every_colour_is_a_colour(name: str) -> None:
    theme = load_theme(name)
    for value in (*theme.colours.values(), *theme.categories.values()):
        assert QColor(value).isValid()
        assert len(value) == 7


def test_both_looks_know_the_same_roles() -> None:
    dark, light = load_theme("dark"), load_theme("light")
    assert dark.colours.keys() == light.colours.keys()
    assert dark.categories.keys() == light.categories.keys()


def test_our_fonts_are_the_ones_used(qapp: QApplication) -> None:
    families = load_fonts()
    theme = load_theme("light")
    assert {theme.ui_families[0], theme.mono_families[0]} <= set(families)
    assert len(FONT_FILES) == 4
    words, values = QFontInfo(theme.ui_font(13, True)), QFontInfo(theme.mono_font(11, True))
    assert (words.family(), words.weight()) == ("Inter", 600)
    assert (values.family(), values.weight()) == ("JetBrains Mono", 700)
    assert QFontInfo(theme.mono_font()).fixedPitch()


@LOOKS
def test_every_category_has_its_own_glyph(qapp: QApplication, name: str) -> None:
    theme = load_theme(name)
    pictures = set()
    for category in (*theme.categories, "a category of tomorrow"):
        assert glyph(theme, category).isValid()
        image = category_icon(theme, category).pixmap(18, 18).toImage()
        image.convertTo(
            image.Format.Format_Alpha8
        )  # in place: a view of its bits does not keep an image alive
        pictures.add(bytes(image.constBits()))
    assert len(pictures) == len(theme.categories) + 1, "two categories have one shape"


def test_icons_are_tinted(qapp: QApplication) -> None:
    theme = load_theme("dark")
    image = icon(theme, "play").pixmap(18, 18).toImage()
    solid = {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }
    assert solid == {theme.colours["text"].lower()}
    assert not application_icon().isNull()


def test_choosing_a_look_dresses_the_application(qapp: QApplication) -> None:
    before = qapp.styleSheet(), qapp.palette(), qapp.font()
    manager = ThemeManager(qapp, "light")
    told = []
    manager.theme_changed.connect(lambda theme: told.append(theme.name))
    try:
        assert qapp.palette().window().color().name() == load_theme("light").colours["panel"].lower()
        manager.set_mode("dark")
        manager.set_mode("dark")
        assert qapp.palette().window().color().name() == load_theme("dark").colours["panel"].lower()
        assert "$" not in qapp.styleSheet()
        assert told == ["dark"]
    finally:
        qapp.setStyleSheet(before[0])
        qapp.setPalette(before[1])
        qapp.setFont(before[2])
        manager.deleteLater()
