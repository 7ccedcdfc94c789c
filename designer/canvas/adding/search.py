"""The search of the quick-add list: which layers a few letters mean, best first. Plain Python, no Qt."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property, lru_cache

from graph_ir.graph import BLOCK
from graph_ir.kinds import Json

WORDS = re.compile(r"\d+[dD]?|[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
SHORTEST_TYPO, SHORTEST_SCATTERED = 4, 3


class Fit(IntEnum):
    """How a layer goes with the port it would be wired to; the order is the order of the list."""

    FITS = 0
    ADAPTED = 1
    REFUSED = 2


class Near(IntEnum):
    """How a query meets a name; the order is that of the list."""

    WHOLE = 0
    START = 1
    WORD = 2
    INITIALS = 3
    INSIDE = 4
    TYPO = 5
    SCATTERED = 6
    DESCRIBED = 7


@dataclass(frozen=True)
class Hit:
    """One layer type as the list shows it; `note` names the adapter or the reason of a refusal.

    With `block`, a use of that block: `type` is the block's name then, and `library` the one that comes with the
    program it would be. `place` orders what is equally close; `values` are what the new layer would have.
    """

    type: str
    summary: str
    signature: str
    category: str
    aliases: tuple[str, ...] = ()
    fit: Fit = Fit.FITS
    note: str = ""
    block: bool = False
    library: str = ""
    title: str = ""
    place: int = 0
    parameters: tuple[str, ...] = ()
    """Of a block: the names of its parameters."""
    values: Mapping[str, Json] = field(default_factory=dict, hash=False)
    typed: str = ""
    """What of the values was typed, in words."""

    @property
    def name(self) -> str:
        """What stands in the list."""
        return self.title or self.type

    @cached_property
    def names(self) -> tuple[tuple[int, str], ...]:
        """Every name that finds it, with 1 for those of others."""
        own = (self.title, self.type) if self.title else (self.type,)
        return tuple((0, name) for name in own) + tuple((1, name) for name in self.aliases)

    @cached_property
    def described(self) -> str:
        """All words that are said of it, each with a space in front."""
        return _folded(" ".join((self.summary, self.name, *self.aliases)))

    def made(self) -> tuple[str, dict[str, Json] | None]:
        """Type and values of the new layer; None: those it starts with."""
        if self.block:
            return BLOCK, {"block": self.type, **self.values}
        return self.type, dict(self.values) or None


def find(query: str, hits: Iterable[Hit], recent: Collection[str] = ()) -> list[Hit]:
    """Hits that match `query` in name, alias or description: the closest first, what does not fit last.

    Of what is equally close (all of it, where nothing is asked) what fits as it is comes before what needs an adapter,
    then what was used last. Upper and lower case, spaces and underscores make no difference; one wrong, missing or
    superfluous letter is forgiven.
    """
    wanted, words = plain_name(query), tuple(_one_spelling(query).split())
    scored = [(near, hit) for hit in hits if (near := _nearness(wanted, words, hit)) is not None]
    scored.sort(key=lambda pair: (*_order(*pair), pair[1].type not in recent, pair[1].place))
    return [hit for _, hit in scored]


def _order(near: int, hit: Hit) -> tuple[bool, bool, bool, int, Fit]:
    """A name that was written out comes first even where it does not fit: Enter must not add another layer."""
    far = near >= 2 * Near.TYPO
    return near > 2 * Near.WHOLE + 1, far, hit.fit is Fit.REFUSED, near, hit.fit


def matched_alias(query: str, hit: Hit) -> str:
    """The other library's name that the query meant, or nothing where it meant the type's own."""
    wanted = plain_name(query)
    own = meets(wanted, hit.name)
    if not wanted or (own is not None and own <= Near.WORD):
        return ""
    best: tuple[int, str] | None = None
    for alias in hit.aliases:
        found = meets(wanted, alias)
        if found is not None and (own is None or found < own) and (best is None or found < best[0]):
            best = found, alias
    return best[1] if best else ""


def _nearness(wanted: str, words: tuple[str, ...], hit: Hit) -> int | None:
    """Twice the nearness, and one more for an alias; None is no match."""
    if not wanted:
        return 0
    best: int | None = None
    for step, name in hit.names:
        found = meets(wanted, name)
        if found is not None and (best is None or 2 * found + step < best):
            best = 2 * found + step
    if best is not None:
        return best
    known = hit.described
    return 2 * Near.DESCRIBED if all(f" {word}" in known for word in words) else None


def _folded(text: str) -> str:
    """Every word of a description, each with a space in front, `MaxPool` being two."""
    plain = re.sub(r"[^\w]+", " ", text)
    return _one_spelling(f" {plain} {' '.join(WORDS.findall(text))}")


def _one_spelling(text: str) -> str:
    """Without case, and with one letter for `normalise` and `normalize`."""
    return text.casefold().replace("iz", "is")


def plain_name(text: str) -> str:
    """A query or name without case, spaces and what joins words."""
    return re.sub(r"[^\w@]|_", "", text).casefold()


@lru_cache(maxsize=4096)
def _parts(name: str) -> tuple[str, tuple[str, ...], frozenset[str]]:
    """A name without its breaks, its words and its letters: `maxpool2d` of `max`, `pool`, `2d`."""
    plain = plain_name(name)
    return plain, tuple(word.casefold() for word in WORDS.findall(name)), frozenset(plain)


@lru_cache(maxsize=64)
def _letters(wanted: str) -> frozenset[str]:
    return frozenset(wanted)


def meets(wanted: str, name: str) -> Near | None:
    """How a query (as `plain_name` makes it) meets a name; None where it does not."""
    plain, words, letters = _parts(name)
    lacking = len(_letters(wanted) - letters)
    if lacking:
        typo = lacking == 1 and len(wanted) >= SHORTEST_TYPO and _one_letter_off(wanted, plain)
        return Near.TYPO if typo else None
    if plain.startswith(wanted):
        return Near.WHOLE if plain == wanted else Near.START
    if any(word.startswith(wanted) for word in words):
        return Near.WORD
    if _initials(wanted, words):
        return Near.INITIALS
    if wanted in plain:
        return Near.INSIDE
    if len(wanted) >= SHORTEST_TYPO and _one_letter_off(wanted, plain):
        return Near.TYPO
    rest = iter(plain)
    if len(wanted) >= SHORTEST_SCATTERED and all(letter in rest for letter in wanted):
        return Near.SCATTERED
    return None


def _initials(wanted: str, words: tuple[str, ...]) -> bool:
    """Whether the letters are beginnings of the first word and of some after it: `mp2` of MaxPool2d."""
    if not words or not wanted or wanted[0] != words[0][0]:
        return False
    shared = 1
    while shared < min(len(wanted), len(words[0])) and wanted[shared] == words[0][shared]:
        shared += 1
    if shared == len(wanted):
        return True
    return any(
        _initials(wanted[length:], words[later:])
        for length in range(shared, 0, -1)
        for later in range(1, len(words))
    )


def _one_letter_off(wanted: str, name: str) -> bool:
    """Whether a name begins like this but for one letter wrong, missing, superfluous, or two that changed places."""
    at = next((i for i, (a, b) in enumerate(zip(wanted, name, strict=False)) if a != b), len(name))
    rest = wanted[at + 1 :]
    swapped = wanted[at : at + 2] == name[at : at + 2][::-1]
    return (
        name.startswith(rest, at)
        or name.startswith(rest, at + 1)
        or name.startswith(wanted[at:], at + 1)
        or (swapped and name.startswith(wanted[at + 2 :], at + 2))
    )
