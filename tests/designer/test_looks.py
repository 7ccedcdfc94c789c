"""How the window looks (requirement 26): scales, focus, names for screen readers, colours, missing fonts, motion."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

import designer
from designer.main_window import MainWindow
from designer.services.settings import Settings
from designer.theme import Theme, load_theme
from tests.designer.canvas_colour import MATRICES, contrast, delta_e, lab, linear, simulate
from tests.designer.looks_walk import places
from tests.designer.windows import a_window, use_template, words

LOOKS = pytest.mark.parametrize("theme", [load_theme("dark"), load_theme("light")], ids=["dark", "light"])
CODE = sorted(path for path in Path(designer.__file__).parent.rglob("*.py"))
STATES = ("selection", "error", "warning", "hint")
SEEN = 24  # pixels: more than a text cursor


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with a_window(qtbot, tmp_path) as made:
        made.resize(1440, 900)
        made.activateWindow()
        yield made


# One source of colours


def test_no_colour_stands_in_the_code() -> None:
    literal = re.compile(
        r"""["']\#[0-9A-Fa-f]{3,8}["'] | QColor\(\s*["'\d] | \brgba?\( | GlobalColor\.(?!transparent) """,
        re.VERBOSE,
    )
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for path in CODE
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if literal.search(line.split("  #")[0])
    ]
    assert found == [], "colours come from theme.json"


def test_no_colour_stands_in_the_style_sheet() -> None:
    sheet = (Path(designer.__file__).parent.parent / "assets" / "themes" / "application.qss").read_text()
    named = re.findall(
        r"(?:color|background|border[\w-]*)\s*:\s*[^;]*?(#[0-9A-Fa-f]{3,8}|\bwhite\b|\bblack\b|rgba?\()",
        sheet,
    )
    assert named == []


# State and category, told apart by every eye


@LOOKS
@pytest.mark.parametrize("vision", MATRICES)
def test_every_state_stands_out_from_what_it_is_drawn_on(theme: Theme, vision: str) -> None:
    """A ring has a gap of 2 px: what is beside it is the ground and the card, never the spine."""
    assert theme.sizes.ring_gap >= 2
    for state in STATES:
        ring = simulate(linear(theme.colours[state]), vision)
        for beside in ("ground", "card"):
            ground = simulate(linear(theme.colours[beside]), vision)
            assert delta_e(lab(ring), lab(ground)) >= 10, (state, beside)
            assert contrast(ring, ground) >= 2.5, (state, beside)


@LOOKS
@pytest.mark.parametrize("vision", MATRICES)
def test_states_and_categories_are_told_apart(theme: Theme, vision: str) -> None:
    """A pair whose colours are close differs in place and shape: a ring and a badge against a spine and a glyph.

    How they are painted is asserted on pixels in `test_canvas_items`; here: no state is told from all categories by
    its hue alone, and the three that carry a badge have three different shapes.
    """
    from designer.panels.problems import SIGNS

    assert len({SIGNS[state] for state in ("error", "warning", "hint")}) == 3
    close = {
        (state, category)
        for state, category in itertools.product(STATES, theme.categories)
        if delta_e(
            lab(simulate(linear(theme.colours[state]), vision)),
            lab(simulate(linear(theme.categories[category]), vision)),
        )
        < 10
    }
    for state, category in close:
        spine = simulate(linear(theme.categories[category]), vision)
        gap = simulate(linear(theme.colours["ground"]), vision)
        assert delta_e(lab(spine), lab(gap)) >= 10, f"{state} would run into the spine of {category}"


@LOOKS
def test_what_is_disabled_can_still_be_read(theme: Theme) -> None:
    for words_of, grounds in (("quiet", ("panel", "field")), ("wire", ("panel",))):
        for ground in grounds:
            assert contrast(linear(theme.colours[words_of]), linear(theme.colours[ground])) >= 3, (
                words_of,
                ground,
            )


# Scales


@pytest.mark.parametrize("scale", ["1", "1.5", "2"])
@pytest.mark.parametrize(("look", "size"), [("light", "1440 900"), ("dark", "960 640")])
def test_nothing_is_cut_off_at_any_scale_requirement_26(
    tmp_path: Path, scale: str, look: str, size: str
) -> None:
    place = {
        "QT_SCALE_FACTOR": scale,
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path),
    }
    command = [sys.executable, "-m", "tests.designer.looks_walk", look, *size.split()]
    done = subprocess.run(
        command, env={**os.environ, **place}, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == []


# Focus, hover, names


def _focusable(window: MainWindow) -> list[QWidget]:
    tab = Qt.FocusPolicy.TabFocus
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & tab
        and widget.focusProxy() is None
        and not widget.visibleRegion().isEmpty()
    ]


def _around(window: MainWindow, widget: QWidget) -> QRect:
    """A widget's place in the window, with what its parents may draw around it."""
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size()).adjusted(-3, -3, 3, 3)


def _differing(one: QImage, other: QImage) -> int:
    if one == other:
        return 0
    return sum(one.pixel(x, y) != other.pixel(x, y) for x in range(one.width()) for y in range(one.height()))


def _name(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else ""


def test_focus_is_visible_on_everything_that_takes_it_requirement_26(
    qtbot: QtBot, window: MainWindow
) -> None:
    blind, seen = set(), set()
    for place in places(window):
        if place in ("tour", "keys"):
            continue
        for widget in _focusable(window):
            key = (type(widget).__name__, widget.objectName() or _name(widget))
            if key in seen or widget.visibleRegion().boundingRect() != widget.rect():
                continue  # half scrolled away
            seen.add(key)
            area = _around(window, widget)
            window.setFocus()
            QApplication.processEvents()
            before = window.grab(area).toImage()
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            QApplication.processEvents()
            if not widget.isVisible() or not widget.hasFocus():
                continue  # it hands the focus on to a part of its own, which is looked at itself
            if _differing(before, window.grab(area).toImage()) < SEEN:
                blind.add((place, *key))
    assert len(seen) > 40
    assert blind == set()


def test_everything_that_takes_the_focus_has_a_name(qtbot: QtBot, window: MainWindow) -> None:
    nameless = set()
    for place in places(window):
        for widget in _focusable(window):
            if not _name(widget).strip():
                parents = type(widget.parentWidget()).__name__
                nameless.add((place, type(widget).__name__, parents, widget.objectName()))
    assert nameless == set()


def test_buttons_answer_to_the_mouse(qtbot: QtBot, window: MainWindow) -> None:
    use_template(window)
    qtbot.wait(30)
    kinds: dict[tuple[type, object, object], QAbstractButton] = {}
    for button in window.findChildren(QAbstractButton):
        if isinstance(button, QPushButton | QToolButton) and button.isVisible() and button.isEnabled():
            kinds.setdefault((type(button), button.property("primary"), button.property("link")), button)
    assert len(kinds) >= 3
    for key, button in kinds.items():
        button.clearFocus()
        middle = button.mapTo(window, button.rect().center())
        QTest.mouseMove(window.windowHandle(), QPoint(1, window.height() // 2))
        qtbot.wait(5)
        plain = button.grab().toImage()
        QTest.mouseMove(window.windowHandle(), middle)
        QTest.mouseMove(window.windowHandle(), middle + QPoint(1, 1))
        qtbot.wait(5)
        hovered = button.grab().toImage()
        QTest.mouseMove(window.windowHandle(), QPoint(1, window.height() // 2))
        qtbot.wait(5)
        button.setDown(True)
        pressed = button.grab().toImage()
        button.setDown(False)
        assert hovered != plain, f"{key} does not show that the mouse is over it"
        assert pressed != plain, f"{key} does not show that it is pressed"


# What is empty says what to do


def test_every_empty_panel_says_what_to_do(qtbot: QtBot, window: MainWindow) -> None:
    design = window.design
    for panel in (design.inspector, design.problems, design.summary, design.training, design.code):
        if design.bottom.indexOf(panel) >= 0:
            design.bottom.setCurrentWidget(panel)
            qtbot.wait(10)
        assert len(words(panel)) > 12, type(panel).__name__
    window.show_page(1)
    assert len(words(window.train)) > 12
    window.show_page(2)
    qtbot.wait(200)
    assert len(words(window.diagram)) > 12


def test_the_status_line_is_short_whatever_the_formula(window: MainWindow) -> None:
    use_template(window, "u-net")
    assert "MACs by H, W" in words(window.status)
    assert len(window.status.facts.text()) < 80
    assert "H" in window.status.facts.toolTip() and len(window.status.facts.toolTip()) > 60
    use_template(window, "digits")
    assert "2.68 M MACs" in words(window.status)


# The system's wishes


def test_the_look_follows_the_system(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    hints = QApplication.styleHints()
    window.actions_["look_system"].trigger()
    try:
        for dark, scheme in ((True, Qt.ColorScheme.Dark), (False, Qt.ColorScheme.Light)):
            monkeypatch.setattr("designer.dressing.system_is_dark", lambda dark=dark: dark)
            hints.colorSchemeChanged.emit(scheme)  # the offscreen plug-in has no look of its own to change
            assert window.themes.theme.name == ("dark" if dark else "light")
        window.actions_["look_light"].trigger()
        monkeypatch.setattr("designer.dressing.system_is_dark", lambda: True)
        hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
        assert window.themes.theme.name == "light", "what was chosen stays"
    finally:
        window.actions_["look_light"].trigger()


def test_animations_are_a_choice_and_follow_the_system_else(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(tmp_path / "settings.ini")
    assert settings.animations()
    monkeypatch.setattr("designer.services.settings.system_moves", lambda: False)
    assert not settings.animations(), "the system wishes no motion"
    settings.set_animations(True)
    assert settings.animations(), "a choice goes before the system's"
    settings.set_animations(False)
    assert not Settings(tmp_path / "settings.ini").animations()


_FONTLESS = """
import sys
from pathlib import Path
import designer.theme as theme
theme.FONT_FILES = ("Inter-Nowhere.otf", "JetBrainsMono-Nowhere.ttf")
from PySide6.QtGui import QFontInfo
from PySide6.QtTest import QTest
from tests.designer.looks_walk import a_whole_window, cut_off
from tests.designer.windows import words
from graph_ir import templates
windows, window = a_whole_window(Path(sys.argv[1]), "light")
window.resize(1440, 900)
window.show()
window.document.load(templates.load("digits"))
QTest.qWait(60)
look = theme.load_theme("light")
print("families", theme.load_fonts())
print("fixed", QFontInfo(look.mono_font()).fixedPitch())
print("said", window.message.text())
print("words", "29 layers" in words(window.status))
window.grab()
window.close()
"""


def test_without_our_fonts_the_window_stands_and_says_nothing_wrong(tmp_path: Path) -> None:
    place = {"QT_QPA_PLATFORM": "offscreen", "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", _FONTLESS, str(tmp_path)],
        env={**os.environ, **place},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["families ()", "fixed True", "said ", "words True"]
