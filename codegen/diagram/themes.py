"""The colours of a picture, from `assets/themes/theme.json`, the one source of the window's colours too."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

FONTS = "Inter,Helvetica,Arial,sans-serif"
_FRAMES = (0.06, 0.13)
"""How much of the quiet colour lies on the ground of frames, outermost first; deeper ones take turns."""


@dataclass(frozen=True)
class Palette:
    """Colours as `#RRGGBB`; `headers` and `edges` by the key of a layer's category."""

    ground: str
    card: str
    line: str
    text: str
    quiet: str
    wire: str
    error: str
    error_ground: str
    good: str
    unknown: str
    headers: Mapping[str, str]
    borders: Mapping[str, str]
    frames: Sequence[str]

    def header(self, category: str) -> str:
        """The ground of a layer's title; that of a category nobody knows is quiet."""
        return self.headers.get(category, self.unknown)

    def frame(self, depth: int) -> str:
        """The ground of a frame around the inside of a block, `depth` frames deep."""
        return self.frames[(depth - 1) % len(self.frames)]

    def border(self, category: str) -> str:
        """The line around a layer."""
        return self.borders.get(category, self.quiet)


@cache
def palette(theme: str) -> Palette:
    """The colours of `light`, `dark` or `print` (white paper, greys)."""
    text = (files("assets") / "themes" / "theme.json").read_text(encoding="utf-8")
    themes = json.loads(text)["themes"]
    return _printed(themes["light"]) if theme == "print" else _coloured(themes[theme], theme)


def _coloured(theme: dict[str, dict[str, str]], name: str) -> Palette:
    colours, categories = theme["colours"], theme["categories"]
    card = colours["card"]
    strength = 0.24 if name == "light" else 0.34
    return Palette(
        ground="#FFFFFF" if name == "light" else colours["ground"],
        card=card,
        line=colours["edge"],
        text=colours["text"],
        quiet=colours["quiet"],
        wire=colours["wire"],
        error=colours["error"],
        error_ground=_mixed(colours["error"], card, 0.12),
        good=colours["good"],
        unknown=_mixed(colours["quiet"], card, strength),
        headers={key: _mixed(colour, card, strength) for key, colour in categories.items()},
        borders=dict(categories),
        frames=[
            _mixed(colours["quiet"], "#FFFFFF" if name == "light" else colours["ground"], share)
            for share in _FRAMES
        ],
    )


def _printed(light: dict[str, dict[str, str]]) -> Palette:
    categories = light["categories"]
    return Palette(
        ground="#FFFFFF",
        card="#FFFFFF",
        line="#8C8C8C",
        text="#000000",
        quiet="#404040",
        wire="#404040",
        error="#000000",
        error_ground="#FFFFFF",
        good="#000000",
        unknown="#E4E4E4",
        headers=dict.fromkeys(categories, "#E4E4E4"),
        borders=dict.fromkeys(categories, "#404040"),
        frames=("#F6F6F6", "#ECECEC"),
    )


def _mixed(front: str, back: str, share: float) -> str:
    """`share` of one colour on another."""
    pairs = [(int(front[i : i + 2], 16), int(back[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(f * share + b * (1 - share)):02X}" for f, b in pairs)
