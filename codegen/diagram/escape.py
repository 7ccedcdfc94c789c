"""Text from a design stays text: one escape for every language a picture or page is written in.

Ids, labels and titles are any text at all. `plain` first makes every character visible, so that none of the others
ever meets a control, bidi or line-breaking character.
"""

from __future__ import annotations

import unicodedata

# Control, format (bidi, zero width), surrogate, private, unassigned; line and paragraph separators.
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_MERMAID_SAFE = frozenset(" _.,:()+-*/=")
_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "^": r"\textasciicircum{}",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    # The braces keep TeX from joining marks into one (?` would become an upside-down question mark).
    '"': r"{}\char34{}",
    "`": r"{}\char96{}",
    "'": r"{}\char39{}",
    "-": "{-}",
    "×": r"\(\times\)",
    "·": r"\(\cdot\)",
    "→": r"\(\rightarrow\)",
    "–": "--",
    "…": r"\ldots{}",
    "≤": r"\(\leq\)",
    "≥": r"\(\geq\)",
}
_TEX_ACCENTS = {
    "\N{COMBINING GRAVE ACCENT}": "`",
    "\N{COMBINING ACUTE ACCENT}": "'",
    "\N{COMBINING CIRCUMFLEX ACCENT}": "^",
    "\N{COMBINING TILDE}": "~",
    "\N{COMBINING DIAERESIS}": '"',
    "\N{COMBINING RING ABOVE}": "r",
    "\N{COMBINING CARON}": "v",
    "\N{COMBINING CEDILLA}": "c",
}

_GREEK = frozenset(
    (
        *(
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "iota",
            "kappa",
            "lambda",
            "mu",
        ),
        *("nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
    )
)
_LATIN_CAPITALS = frozenset(
    ("alpha", "beta", "epsilon", "zeta", "eta", "iota", "kappa", "mu", "nu", "rho", "tau", "chi")
)
"""Greek capitals that look Latin have no command in TeX."""


def plain(text: str) -> str:
    """One visible line: control, bidi and other hidden characters are spelled out (`\\n`, `\\u202e`)."""
    return "".join(_spelled(char) if unicodedata.category(char) in _HIDDEN else char for char in text)


def _spelled(char: str) -> str:
    code = ord(char)
    return _NAMED.get(char) or (f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def html(text: str) -> str:
    """For Graphviz's HTML-like labels, in which a lone backslash begins an escape of Graphviz's own (`\\N`)."""
    special = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\\": "&#92;&#92;"}
    return "".join(special.get(char, char) for char in plain(text))


def mermaid(text: str) -> str:
    """For a quoted Mermaid text: everything that is no letter, digit or harmless mark becomes an entity."""
    return "".join(char if _harmless(char) else f"#{ord(char)};" for char in plain(text))


def _harmless(char: str) -> bool:
    return char.isalnum() or char in _MERMAID_SAFE


def tex(text: str) -> str:
    """For LaTeX, in ASCII: accents become commands, what TeX's fonts lack is given by its code point (`U+4E2D`)."""
    return "".join(_tex_char(char) for char in plain(text))


def _tex_char(char: str) -> str:
    if char in _TEX:
        return _TEX[char]
    if char.isascii():
        return char
    base, *marks = list(unicodedata.normalize("NFD", char))
    if base.isascii() and base.isalpha() and len(marks) == 1 and marks[0] in _TEX_ACCENTS:
        return f"\\{_TEX_ACCENTS[marks[0]]}{{{base}}}"
    return _tex_greek(char) or f"U+{ord(char):04X}"


def _tex_greek(char: str) -> str:
    """`\\(\\alpha\\)`, where TeX has a command for the letter."""
    name = unicodedata.name(char, "")
    word = name.removeprefix("GREEK SMALL LETTER ").removeprefix("GREEK CAPITAL LETTER ").lower()
    if word == name.lower() or not word.isalpha():
        return ""
    capital = "CAPITAL" in name
    word = {"lamda": "lambda"}.get(word, word)
    if word not in _GREEK or (capital and word in _LATIN_CAPITALS):
        return ""
    return f"\\(\\{word.capitalize() if capital else word}\\)"
