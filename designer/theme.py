"""Colours, sizes, fonts and icons of the window, read from `assets/themes/theme.json`, their single source.

Style sheet properties that panels may set on their widgets: `quiet`, `heading`, `section`, `mono`, `severity`
(labels); `primary`, `link` (push buttons); `mono`, `invalid` (fields); `popup`, `severity` (frames).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from types import MappingProxyType
from typing import Literal

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

Mode = Literal["light", "dark", "system"]
FONT_FILES = (
    "Inter-Regular.otf",
    "Inter-SemiBold.otf",
    "JetBrainsMono-Regular.ttf",
    "JetBrainsMono-Bold.ttf",
)


@dataclass(frozen=True)
class Sizes:
    """Lengths in device-independent pixels."""

    card_width: float
    card_height: float
    radius: float
    spine: float
    strip: float
    glyph: float
    title: int
    values: int
    port_radius: float
    wire: float
    pill_height: float
    grid: float
    row_pitch: float
    column_pitch: float
    ring: float
    ring_gap: float
    badge: float
    chip_height: float


@dataclass(frozen=True)
class Theme:
    """One look. `colours` and `categories` map a role or a layer category to `#RRGGBB`.

    A family is a list: our own font, and what stands in for it where its file is missing.
    """

    name: str
    colours: Mapping[str, str]
    categories: Mapping[str, str]
    tint: float
    glyph_mix: float
    shade: float
    sizes: Sizes
    ui_families: tuple[str, ...]
    mono_families: tuple[str, ...]

    def colour(self, role: str) -> QColor:
        """The colour of a role such as `ground` or `error`. Raises `KeyError` for an unknown role."""
        return QColor(self.colours[role])

    def category_colour(self, category: str) -> QColor:
        """The spine's colour; a category the theme does not know (a placeholder's) is quiet."""
        return QColor(self.categories.get(category, self.colours["quiet"]))

    def shadow_colour(self) -> QColor:
        """What a card casts on the ground."""
        colour = self.colour("shadow")
        colour.setAlphaF(self.shade)
        return colour

    def glyph_colour(self, category: str) -> QColor:
        """The category's colour drawn towards the text's, to stand out on its own tint."""
        return _mixed(self.colour("text"), self.category_colour(category), self.glyph_mix)

    def heat_colour(self, heat: float) -> QColor:
        """The colour of an overlay between 0 and 1: one hue, from close to the card's ground to far from it."""
        return _mixed(self.colour("heat_high"), self.colour("heat_low"), max(0.0, min(heat, 1.0)))

    def strip_colour(self, category: str) -> QColor:
        """The tinted ground of the glyph."""
        return _mixed(self.category_colour(category), self.colour("card"), self.tint)

    def ui_font(self, pixels: int = 13, strong: bool = False) -> QFont:
        """The font of words."""
        return _font(self.ui_families, pixels, QFont.Weight.DemiBold if strong else QFont.Weight.Normal)

    def mono_font(self, pixels: int = 11, strong: bool = False) -> QFont:
        """The font of values, shapes and code."""
        font = _font(self.mono_families, pixels, QFont.Weight.Bold if strong else QFont.Weight.Normal)
        font.setStyleHint(QFont.StyleHint.Monospace)
        return font

    def palette(self) -> QPalette:
        """A palette for what the style sheet does not reach."""
        palette = QPalette()
        roles = QPalette.ColorRole
        for names, role in (
            ((roles.Window, roles.Button, roles.ToolTipBase), "panel"),
            ((roles.Base,), "field"),
            ((roles.AlternateBase, roles.Midlight), "hover"),
            ((roles.WindowText, roles.Text, roles.ButtonText, roles.ToolTipText), "text"),
            ((roles.PlaceholderText,), "quiet"),
            ((roles.Mid, roles.Dark), "edge"),
            ((roles.Highlight, roles.Link), "selection"),
            ((roles.HighlightedText,), "on_selection"),
        ):
            for name in names:
                palette.setColor(name, self.colour(role))
        for name in (roles.WindowText, roles.Text, roles.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, name, self.colour("quiet"))
        return palette

    def style_sheet(self) -> str:
        """The application's style sheet in this theme's colours."""
        text = (files("assets") / "themes" / "application.qss").read_text(encoding="utf-8")
        # The only picture that a style sheet names: by its file, with the slashes of an address.
        tick = str(files("assets") / "icons" / f"tick-{self.name}.svg").replace("\\", "/")
        ui, mono = (_quoted(families) for families in (self.ui_families, self.mono_families))
        return Template(text).substitute(self.colours, ui=ui, mono=mono, tick=tick)


def _quoted(families: Sequence[str]) -> str:
    return ", ".join(f'"{family}"' for family in families)


def _mixed(front: QColor, back: QColor, share: float) -> QColor:
    parts = zip(front.getRgb()[:3], back.getRgb()[:3], strict=True)  # type: ignore[index]  # the stub says object
    return QColor(*(round(f * share + b * (1 - share)) for f, b in parts))


def _font(families: Sequence[str], pixels: int, weight: QFont.Weight) -> QFont:
    font = QFont(list(families))
    font.setPixelSize(pixels)
    font.setWeight(weight)
    font.setFeature(QFont.Tag("calt"), 0)  # `->` is typed and read as two characters, not drawn as one arrow
    return font


@cache
def load_theme(name: str) -> Theme:
    """The theme `light` or `dark`. Raises `KeyError` for another name."""
    data = json.loads((files("assets") / "themes" / "theme.json").read_text(encoding="utf-8"))
    look = data["themes"][name]
    return Theme(
        name=name,
        colours=MappingProxyType(look["colours"]),
        categories=MappingProxyType(look["categories"]),
        tint=look["tint"],
        glyph_mix=look["glyph_mix"],
        sizes=Sizes(**data["sizes"]),
        shade=look["shade"],
        ui_families=tuple(data["fonts"]["ui"]),
        mono_families=tuple(data["fonts"]["mono"]),
    )


def load_fonts() -> tuple[str, ...]:
    """Give Qt our own font files, once per application; returns the families they bring."""
    application = QApplication.instance()
    known = application.property("layerloom_fonts") if application is not None else None
    if known:
        return tuple(known)
    families: list[str] = []
    for name in FONT_FILES:
        try:
            data = (files("assets") / "fonts" / name).read_bytes()
        except OSError:  # the families that stand in for it do
            continue
        number = QFontDatabase.addApplicationFontFromData(QByteArray(data))
        families += QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
    found = tuple(dict.fromkeys(families))
    if application is not None:
        application.setProperty("layerloom_fonts", list(found))
    return found


@cache
def svg_renderer(path: str, colour: str) -> QSvgRenderer:
    """One of `assets/icons` (`categories/loss`, `lucide/play`), its `currentColor` replaced by `#RRGGBB`."""
    text = (files("assets") / "icons" / f"{path}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(text.replace("currentColor", colour).encode()))


def glyph(theme: Theme, category: str) -> QSvgRenderer:
    """A layer category's glyph in its colour on its tint."""
    name = category if category in theme.categories else "unknown"
    return svg_renderer(f"categories/{name}", theme.glyph_colour(category).name())


def icon(theme: Theme, name: str, role: str = "text") -> QIcon:
    """A toolbar icon (a file name in `assets/icons/lucide`) in a role's colour, quiet when disabled."""
    return QIcon(SvgIcon(f"lucide/{name}", theme.colours[role], theme.colours["wire"]))


def category_icon(theme: Theme, category: str) -> QIcon:
    """A layer category's glyph as an icon, for lists."""
    name = category if category in theme.categories else "unknown"
    colour = theme.glyph_colour(category).name()
    return QIcon(SvgIcon(f"categories/{name}", colour, colour))


def application_icon() -> QIcon:
    """Layerloom's own icon."""
    return QIcon(SvgIcon("layerloom", "", ""))


class SvgIcon(QIconEngine):
    """One of `assets/icons` as an icon: drawn when it is seen, sharp at any scale."""

    def __init__(self, path: str, colour: str, disabled: str) -> None:
        super().__init__()
        self._path, self._colour, self._disabled = path, colour, disabled

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """The drawing in the colour of its state."""
        colour = self._disabled if mode == QIcon.Mode.Disabled else self._colour
        svg_renderer(self._path, colour).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """The drawing by itself, of so many pixels."""
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        """Another one of the same."""
        return SvgIcon(self._path, self._colour, self._disabled)
